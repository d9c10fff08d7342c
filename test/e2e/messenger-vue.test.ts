import { describeMessenger } from './messenger.ts';

describeMessenger('Vue', '/vue');
