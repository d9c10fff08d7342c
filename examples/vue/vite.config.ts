import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import { ownPackage } from '../shared/own-package.ts';

export default defineConfig({
  plugins: [vue()],
  base: '/vue/',
  resolve: { alias: ownPackage },
  // Addresses of pictures stay addresses: the page's policy allows no `data:`.
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
