import { playwright } from '@vitest/browser-playwright';
import { configDefaults, defineConfig, type TestProjectConfiguration } from 'vitest/config';
import type { BrowserConfigOptions } from 'vitest/node';
import { renderOnServer } from './test/bindings/render-on-server.ts';
import { chromiumArgs, findChromium } from './test/support/chromium.ts';

const wanted = process.argv.filter((_, i, all) => all[i - 1] === '--project');
const needsBrowser =
  wanted.length === 0 || wanted.some((name) => ['bindings', 'browser', 'e2e', 'scale'].includes(name));
const chromium = needsBrowser ? findChromium() : '';
const { VISAVIS_CORPORA = '' } = process.env;

/** These start PostgreSQL and Redis, so they run only when they are asked for: `npm run test:scale`, `test:slow`. */
const onEngines: TestProjectConfiguration[] = [
  {
    extends: true,
    test: {
      name: 'engines',
      // What depends on the engines; the rest has nothing to do with them.
      include: [
        'test/server/{avatars,chat-*,contract-chat,database,message-media,operations,realtime,wires}.test.ts',
      ],
      globalSetup: 'test/support/services/setup.ts',
      testTimeout: 20_000,
      expect: { poll: { timeout: 10_000 } },
    },
  },
  ...[
    { name: 'scale', include: ['test/scale/*.test.ts'], exclude: ['test/scale/*.slow.test.ts'] },
    { name: 'slow', include: ['test/scale/*.slow.test.ts'] },
  ].map((files) => ({
    extends: true as const,
    test: {
      ...files,
      // These start engines of their own, to end them.
      env: { VISAVIS_TEST_POSTGRES: '', VISAVIS_TEST_REDIS: '' },
      testTimeout: 180_000,
      hookTimeout: 60_000,
      fileParallelism: false,
      expect: { poll: { timeout: 15_000 } },
    },
  })),
];

/** Made anew for each project: Vitest writes into it. */
const browser = (): BrowserConfigOptions => ({
  enabled: true,
  headless: true,
  screenshotFailures: false,
  provider: playwright({ launchOptions: { executablePath: chromium, args: chromiumArgs } }),
  instances: [{ browser: 'chromium' }],
});

export default defineConfig({
  test: {
    exclude: [...configDefaults.exclude, 'bench/**'],
    // Vitest would leave one core for watching.
    maxWorkers: '100%',
    provide: { chromium },
    coverage: { include: ['src/**'], reporter: ['text-summary', 'json-summary'] },
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'server',
          include: ['test/server/**/*.test.ts'],
          testTimeout: 20_000,
          expect: { poll: { timeout: 10_000 } },
        },
      },
      {
        extends: true,
        test: { name: 'contract', include: ['test/contract/**/*.test.ts'], testTimeout: 30_000 },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        define: { 'import.meta.env.VISAVIS_CORPORA': JSON.stringify(VISAVIS_CORPORA) },
        server: { fs: { allow: ['.', ...(VISAVIS_CORPORA ? [VISAVIS_CORPORA] : [])] } },
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 30_000,
          browser: browser(),
        },
      },
      {
        extends: true,
        // Vue says so when its build flags are left open.
        define: {
          __VUE_OPTIONS_API__: 'true',
          __VUE_PROD_DEVTOOLS__: 'false',
          __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
        },
        optimizeDeps: { include: ['react', 'react-dom', 'react-dom/client', 'vue', 'axe-core'] },
        test: {
          name: 'bindings',
          include: ['test/bindings/**/*.test.{ts,tsx}'],
          testTimeout: 30_000,
          browser: { ...browser(), commands: { renderOnServer } },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 90_000,
          hookTimeout: 90_000,
          expect: { poll: { timeout: 15_000 } },
        },
      },
      ...onEngines.filter(() => wanted.some((name) => ['engines', 'scale', 'slow'].includes(name))),
    ],
  },
});
