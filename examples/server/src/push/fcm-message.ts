import type { PushNote } from './push.ts';

const TITLE_BYTES = 200;
const BODY_BYTES = 1000;

/**
 * The body of a send, FCM HTTP v1: https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages. Everything
 * of it together may have 4,096 bytes, so long texts are shortened.
 */
export function toFcmMessage(token: string, note: PushNote) {
  const { type, title, body, conversationId, messageId } = note;
  return {
    message: {
      token,
      notification: { title: shorten(title, TITLE_BYTES), body: shorten(body, BODY_BYTES) },
      // Text alone is allowed here.
      data: {
        type,
        conversation_id: conversationId,
        ...(messageId === null ? {} : { message_id: messageId }),
      },
      android: { priority: 'HIGH' },
      apns: {
        headers: { 'apns-priority': '10' },
        payload: { aps: { sound: 'default', 'thread-id': conversationId } },
      },
      webpush: { headers: { Urgency: 'high' } },
    },
  };
}

/** Cuts between characters as people count them. */
function shorten(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let short = '';
  let left = bytes - Buffer.byteLength('…');
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    left -= Buffer.byteLength(segment);
    if (left < 0) break;
    short += segment;
  }
  return `${short}…`;
}
