import { GalleryError } from '../gallery/errors.ts';
import type { ReferencePerson } from '../references.ts';
import type { CommandContext } from './command.ts';
import { decideOn, withDecisionOptions, type DecisionOptions } from './gallery-decision.ts';

interface Options extends DecisionOptions {
  readonly person: string;
}

export function register({ program, output }: CommandContext): void {
  const command = program
    .command('verify')
    .description('decide whether a print is the claimed person’s')
    .argument('<print>', 'image, or ISO, ANSI, xyt or Whorl minutiae')
    .requiredOption('--person <id or name>', 'who it is claimed to be');
  withDecisionOptions(command).action(async (print: string, options: Options) => {
    await decideOn(print, (people) => [claimed(people, options.person)], options, output());
  });
}

function claimed(people: readonly ReferencePerson[], idOrName: string): ReferencePerson {
  const found = people.filter(({ id }) => id === idOrName);
  if (found.length === 0) found.push(...people.filter(({ name }) => name === idOrName));
  if (found.length === 1) return found[0];
  if (found.length === 0) throw new GalleryError('gallery.unknown-person', `nobody called ${idOrName} is enrolled`);
  const ids = found.map(({ id }) => id).join(', ');
  throw new GalleryError('gallery.ambiguous-person', `several people are called ${idOrName}, use an id: ${ids}`);
}
