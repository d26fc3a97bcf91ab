// Starts a thread that writes units of a dataset: teaches it to read TypeScript, then hands over.
import { register } from 'tsx/esm/api';

register();
await import('./unit-worker.ts');
