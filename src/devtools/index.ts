/**
 * Recordings of what a client learns, for bug reports that replay in a test.
 *
 * @module visavis/devtools
 */

export { type Recorder, type RecordOptions, record } from './record.ts';
export type { Recording, RecordingEntry } from './recording.ts';
export { stateOf } from './state-of.ts';
