// Entry of the script-tag build: everything of the package under `Visavis`.
export * from './index.ts';
