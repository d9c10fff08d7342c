/**
 * A backend in memory, for tests of apps.
 *
 * @module visavis/testing
 */

export type { FakeBackend, FakeBackendOptions, Truth } from './backend-models.ts';
export { createFakeBackend } from './fake-backend.ts';
export type { FakeDevice } from './fake-device.ts';
export { createFakeEncoder } from './fake-encoder.ts';
export type { FakePerson } from './fake-person.ts';
export type { Transport } from './fake-socket.ts';
export { calm, type Faults, rough } from './faults.ts';
export type { FrameRecord, Journal, RequestRecord } from './journal.ts';
export type { Line, Loss } from './line.ts';
export { createRandom, type SeededRandom } from './random.ts';
export type { Quota } from './rate-limit.ts';
export type { ConversationRecord, MessageRecord, UserRecord } from './records.ts';
export type { Broadcast, Member } from './rooms.ts';
export { createVirtualClock, type VirtualClock, type VirtualClockOptions } from './virtual-clock.ts';
export type { WireLevel, WireStyle } from './wire-rows.ts';
export type { WirePayload } from './wire-value.ts';
