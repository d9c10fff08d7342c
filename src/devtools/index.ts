export { type Recorder, type RecordOptions, record } from './record.ts';
export type { Recording, RecordingEntry } from './recording.ts';
export { stateOf } from './state-of.ts';
