// Starts one of the two processes that keep the door's board: teaches it to read TypeScript, then hands over.
import { register } from 'tsx/esm/api';

register();
await import('./door-io.ts');
