import type { Server } from 'node:http';

/** Frames for one WebSocket within one turn of the loop leave by one system call: a message makes several. */
export function gatherFrames(server: Server): void {
  server.on('upgrade', (_request, socket) => {
    // ws corks its socket for each frame, and a socket writes when the last cork is out: one stays for the turn.
    const cork = socket.cork.bind(socket);
    let isCorked = false;
    socket.cork = () => {
      cork();
      if (isCorked) return;
      isCorked = true;
      cork();
      process.nextTick(() => {
        isCorked = false;
        socket.uncork();
      });
    };
  });
}
