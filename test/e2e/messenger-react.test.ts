import { describeMessenger } from './messenger.ts';

describeMessenger('React', '/react');
