import { describe, expect, it } from 'vitest';
import { type AvatarUploadState, createAvatarUpload } from '../../src/bindings/upload.ts';
import { FileError } from '../../src/errors.ts';
import type { ClientOptions } from '../../src/options.ts';
import { createFakeEncoder } from '../../src/testing/index.ts';
import { createChatWorld } from '../support/chat-world.ts';

const file = new Blob(['a picture']);
const other = new Blob(['another picture, which is longer']);
const part = { x: 0, y: 0, width: 100, height: 100 };

async function open(options: Partial<ClientOptions> = {}) {
  const world = createChatWorld();
  const { client, requests } = await world.seat('u1', options);
  const machine = createAvatarUpload(client);
  const states: AvatarUploadState[] = [machine.getSnapshot()];
  const undo = machine.subscribe(() => states.push(machine.getSnapshot()));
  const statuses = () => states.map(({ status }) => status).filter((status, i, all) => status !== all[i - 1]);
  return { world, client, requests, machine, states, statuses, undo };
}

/** A step of the encoder that waits for the test. */
function held() {
  let go = () => {};
  const promise = new Promise<void>((resolve) => {
    go = resolve;
  });
  return { promise, go: () => go() };
}

describe('the way of a picture', () => {
  it('[BI6] goes from the file over the crop to everybody', async () => {
    const { world, client, machine, states, statuses } = await open();
    machine.pick(file);
    await world.clock.advance(100);
    expect(machine.getSnapshot()).toEqual({
      status: 'cropping',
      file,
      info: { type: 'image/jpeg', width: 400, height: 300, bytes: file.size },
    });
    machine.crop(part);
    await world.clock.advance(2_000);
    expect(statuses()).toEqual(['idle', 'cropping', 'working', 'done']);
    const { avatar } = client.users.live('u1').getSnapshot();
    expect(machine.getSnapshot()).toEqual({ status: 'done', avatar });
    const fractions = states.flatMap((state) =>
      state.status === 'working' ? [state.progress.fraction] : [],
    );
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect([fractions[0], fractions.at(-1)]).toEqual([0, 1]);
    expect(world.backend.truth.users.get('u1')?.avatarVersion).toBe(1);
  });

  it('[BI6] hands the crop on, and needs none', async () => {
    const crops: unknown[] = [];
    const encoder = createFakeEncoder();
    const { world, machine, statuses } = await open({
      imageEncoder: {
        ...encoder,
        compress(blob, crop, onInspected, signal) {
          crops.push(crop);
          return encoder.compress(blob, crop, onInspected, signal);
        },
      },
    });
    machine.pick(file);
    await world.clock.advance(100);
    machine.crop(part);
    await world.clock.advance(2_000);
    machine.upload(file);
    await world.clock.advance(2_000);
    expect(crops).toEqual([part, undefined]);
    expect(statuses()).toEqual(['idle', 'cropping', 'working', 'done', 'working', 'done']);
  });

  it('[BI6] fails before anybody frames a file that cannot become a picture', async () => {
    const error = new FileError('FILE_TYPE', 'unable to read the picture; it is none');
    const { world, requests, machine, statuses } = await open({
      imageEncoder: createFakeEncoder({ inspect: () => Promise.reject(error) }),
    });
    const before = requests.length;
    machine.pick(file);
    await world.clock.advance(100);
    expect(machine.getSnapshot()).toEqual({ status: 'failed', error });
    machine.crop(part);
    expect(statuses()).toEqual(['idle', 'failed']);
    expect(requests.length).toBe(before);
  });

  it('[BI6] is ended by a cancel at every step, and tells nothing after it', async () => {
    const step = held();
    const { world, client, machine, states, statuses } = await open({
      imageEncoder: createFakeEncoder({
        inspect: async () => {
          await step.promise;
          return { type: 'image/jpeg', width: 1, height: 1, bytes: 1 };
        },
      }),
    });
    machine.pick(file);
    machine.cancel();
    step.go();
    await world.clock.advance(100);
    expect(statuses()).toEqual(['idle']);
    machine.pick(file);
    await world.clock.advance(100);
    machine.cancel();
    machine.upload(file);
    await world.clock.advance(40);
    machine.cancel();
    const told = states.length;
    await world.clock.advance(5_000);
    expect(statuses()).toEqual(['idle', 'cropping', 'idle', 'working', 'idle']);
    expect(states).toHaveLength(told);
    expect(client.users.live('u1').getSnapshot()).toMatchObject({ avatar: null, pending: false });
    expect(world.backend.truth.users.get('u1')?.avatarVersion).toBe(0);
  });

  it('[BI6] is one picture’s at a time: a file that is picked ends what ran', async () => {
    const { world, machine } = await open();
    machine.upload(file);
    await world.clock.advance(40);
    machine.pick(other);
    await world.clock.advance(5_000);
    expect(machine.getSnapshot()).toMatchObject({ status: 'cropping', file: other });
    expect(world.backend.truth.users.get('u1')?.avatarVersion).toBe(0);
  });

  it('[BI6] can be gone once more after a failure', async () => {
    const { world, machine, statuses } = await open();
    const seat = await world.seat('u1');
    const again = createAvatarUpload(seat.client);
    seat.device.line.goOffline();
    again.upload(file);
    await world.clock.advance(60_000);
    expect(again.getSnapshot()).toMatchObject({ status: 'failed', error: { name: 'UploadError' } });
    seat.device.line.goOnline();
    again.retry();
    expect(again.getSnapshot().status).toBe('working');
    await world.clock.advance(5_000);
    expect(again.getSnapshot().status).toBe('done');
    machine.retry();
    expect(statuses()).toEqual(['idle']);
  });

  it('[BI6] is told as long as somebody listens', async () => {
    const { world, machine, states, undo } = await open();
    undo();
    undo();
    machine.pick(file);
    await world.clock.advance(100);
    expect(states).toHaveLength(1);
    expect(machine.getSnapshot().status).toBe('cropping');
    expect(machine.getServerSnapshot()).toBe(machine.getSnapshot());
  });
});
