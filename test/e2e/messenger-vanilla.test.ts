import { describeMessenger } from './messenger.ts';

describeMessenger('Vanilla', '');
