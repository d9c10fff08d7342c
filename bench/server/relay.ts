import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';

// What Socket.IO does by itself: rooms, an answer, and the message to the room. Nothing is checked and nothing is kept.
const server = createServer();
const io = new Server(server, { serveClient: false });
io.on('connection', (socket) => {
  for (const name of ['join', 'join_global_updates']) socket.on(name, (_, answer) => answer({ ok: true }));
  socket.on('join_conversation', (id, answer) => {
    socket.join(id);
    answer({ ok: true });
  });
  socket.on('send_message', ({ conversationId, senderId, clientId, message }, answer) => {
    const row = { id: clientId, client_id: clientId, sender_id: senderId, content: message };
    answer({ ok: true, message: row });
    io.to(conversationId).emit('new_message', { conversation_id: conversationId, message: row });
  });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
