import { existsSync } from 'node:fs';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { FolderLockedError } from './database/folder-lock.ts';
import { builtPages, distFolder } from './static-routes.ts';

async function start(): Promise<void> {
  const config = readConfig(process.env);
  const app = await createApp(config);
  let stopping = false;
  const stop = () => {
    // A second signal means now.
    if (stopping) process.exit(1);
    stopping = true;
    app.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  try {
    await app.listen();
  } catch (error) {
    await app.close();
    throw error;
  }
  if (!existsSync(distFolder))
    console.log('dist/ is missing, so the page cannot load visavis: run npm run build');
  for (const { name, root } of builtPages) {
    if (!existsSync(root)) console.log(`/${name}/ is not built: run npm run build:examples`);
  }
  console.log(`visavis is at ${app.url}`);
}

function fail(error: unknown): never {
  console.error(explain(error));
  process.exit(1);
}

function explain(error: unknown): unknown {
  if (error instanceof ConfigError || error instanceof FolderLockedError) return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return 'unable to start; the port is in use. Stop the other program, or set PORT';
  }
  return error;
}

start().catch(fail);
