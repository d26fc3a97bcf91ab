// Starts a thread of the evaluation: teaches it to read TypeScript, then hands over.
import { register } from 'tsx/esm/api';

register();
await import('./evaluation-worker.ts');
