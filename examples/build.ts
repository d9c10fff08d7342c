import { fileURLToPath } from 'node:url';
import { build } from 'vite';

// Builds the example pages that need it, into their own dist/, from the SDK's dist/.

async function buildPage(name: string): Promise<void> {
  try {
    await build({ root: fileURLToPath(new URL(name, import.meta.url)), logLevel: 'error' });
  } catch (error) {
    console.error(`unable to build examples/${name}; ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}

await Promise.all(['react', 'vue'].map(buildPage));
