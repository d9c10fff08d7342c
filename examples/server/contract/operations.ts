import { chatOperations } from './chat-operations.ts';
import type { Operation } from './operation.ts';
import { pictureOperations } from './picture-operations.ts';

export const operations: Readonly<Record<string, Operation>> = { ...pictureOperations, ...chatOperations };

/** Routes of the reference server that are no part of the contract, and why. */
export const leftOut: Readonly<Record<string, string>> = {
  'GET /healthz': 'asked by balancers, by no client',
  'GET /readyz': 'asked by balancers, by no client',
  'PUT /storage/*': 'clients go where `presign` sends them; this stands for a storage host',
  'GET /files/*': 'clients read what `avatar_url` says; this stands for a storage host',
  'GET /uploads/default-avatar.jpg': 'clients read what `profilePicturePath` says',
  'GET /*': 'the example pages',
  'GET /visavis/*': 'the built package, for the example pages',
  'GET /shared/*': 'what the example pages have in common',
  'GET /react': 'leads to the example page',
  'GET /vue': 'leads to the example page',
  'GET /react/*': 'an example page',
  'GET /vue/*': 'an example page',
  'GET /plain': 'an example page',
  'GET /plain/': 'an example page',
  'GET /plain/*': 'an example page',
  'GET /dev/people': 'in development only',
  'POST /dev/login': 'in development only',
  'GET /dev/pushes': 'in development only',
  'GET /test-socket': 'in development only',
  'POST /test-message': 'in development only',
};
