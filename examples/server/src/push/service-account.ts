import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ConfigError } from '../config-error.ts';

/** What Google lets a server act as; the file comes from the Firebase console. */
export interface ServiceAccount {
  projectId: string;
  email: string;
  privateKey: string;
}

const accountFile = z.object({
  project_id: z.string().min(1),
  client_email: z.string().min(1),
  private_key: z.string().refine(isPrivateKey),
});

/** Throws a {@link ConfigError} that says nothing of the file's content. */
export async function readServiceAccount(path: string): Promise<ServiceAccount> {
  const file = await readFile(path, 'utf8').catch(() => undefined);
  if (file === undefined) {
    throw new ConfigError(`unable to start; FCM_SERVICE_ACCOUNT: there is no file ${path} to read`);
  }
  const parsed = accountFile.safeParse(parse(file));
  if (!parsed.success) {
    const fields = new Set(parsed.error.issues.map((issue) => issue.path.join('.') || 'JSON'));
    throw new ConfigError(
      `unable to start; FCM_SERVICE_ACCOUNT: ${path} is not the key of a service account (${[...fields].join(', ')})`,
    );
  }
  const { project_id: projectId, client_email: email, private_key: privateKey } = parsed.data;
  return { projectId, email, privateKey };
}

function parse(file: string): unknown {
  try {
    return JSON.parse(file);
  } catch {
    return undefined;
  }
}

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}
