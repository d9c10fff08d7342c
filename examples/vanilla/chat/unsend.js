// @ts-check
import { confirmDialog } from '../confirm-delete.js';

/** Whether a person is sure to delete their message. */
export const confirmUnsend = confirmDialog('unsend');
