// Teaches Node to read TypeScript, then hands over.
import { register } from 'tsx/esm/api';

register();
const { serve } = await import('./inference-process.ts');
serve();
