import { type PushSender, RecordingPushSender } from './push.ts';

/** FCM where a service account is set; else nothing is sent. Throws a `ConfigError` for a file that is none. */
export async function openPushSender(
  accountFile: string | undefined,
  report: (error: unknown) => void,
): Promise<PushSender> {
  if (accountFile === undefined) return new RecordingPushSender();
  const { readServiceAccount } = await import('./service-account.ts');
  const { createFcmSender } = await import('./fcm-sender.ts');
  return createFcmSender({ account: await readServiceAccount(accountFile), report });
}
