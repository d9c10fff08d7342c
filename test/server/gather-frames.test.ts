import { EventEmitter, once } from 'node:events';
import { Server } from 'node:http';
import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { gatherFrames } from '../../examples/server/src/gather-frames.ts';

/** A connection that was upgraded, and what each of its system calls would write. */
function upgraded() {
  const calls: string[] = [];
  const socket = new Writable({
    decodeStrings: false,
    write(chunk, _, done) {
      calls.push(chunk);
      done();
    },
    writev(chunks, done) {
      calls.push(chunks.map(({ chunk }) => chunk).join(''));
      done();
    },
  });
  const server = new Server();
  gatherFrames(server);
  EventEmitter.prototype.emit.call(server, 'upgrade', {}, socket);
  /** As ws does. */
  const frame = (text: string) => {
    socket.cork();
    socket.write('<');
    socket.write(`${text}>`);
    socket.uncork();
  };
  return { calls, socket, frame };
}

it('writes the frames of one turn at once, and those of the next by themselves', async () => {
  const { calls, frame } = upgraded();
  frame('ack');
  frame('message');
  frame('count');
  expect(calls).toEqual([]);
  await new Promise(setImmediate);
  expect(calls).toEqual(['<ack><message><count>']);
  frame('typing');
  await new Promise(setImmediate);
  expect(calls).toEqual(['<ack><message><count>', '<typing>']);
});

it('loses nothing of a connection that ends in the same turn', async () => {
  const { calls, socket, frame } = upgraded();
  frame('message');
  frame('close');
  socket.end();
  await once(socket, 'finish');
  expect(calls.join('')).toBe('<message><close>');
});
