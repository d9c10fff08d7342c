// Bare Socket.IO that acknowledges a `ping`: what a round trip costs at the least. Tells its port to who forked it.

import { createServer } from 'node:http';
import { Server } from 'socket.io';

const http = createServer();
new Server(http).on('connection', (socket) => socket.on('ping', (ack: () => void) => ack()));
http.listen(0, '127.0.0.1', () => {
  const address = http.address();
  process.send?.(typeof address === 'object' ? address?.port : null);
});
