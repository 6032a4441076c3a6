import { commandOf } from './mix';
import type { Paused, PlannedCommand } from './plan';
import type { Random } from './random';

/** After this many commands of a caller, other groups may be dismissed. */
const COMMANDS_PER_EPOCH = 120;

export type Step =
  /** `twice`: the same message over two connections at the same time. */
  | { readonly kind: 'command'; readonly command: PlannedCommand; readonly twice: boolean }
  /** A command that was settled before is sent again. */
  | { readonly kind: 'repeat'; readonly command: PlannedCommand }
  /** Asks for the group with `after` the last acknowledged position. */
  | { readonly kind: 'read' };

/** What a caller over NATS does, one thing after another, without end. */
export function* steps(random: Random, caller: string): Generator<Paused<Step>> {
  const recent: PlannedCommand[] = [];
  for (let n = 0; ;) {
    const pauseMs = random.between(0, 40);
    const kind = random.next();
    if (kind < 0.1 && recent.length > 0) {
      yield { step: { kind: 'repeat', command: random.pick(recent) }, pauseMs };
    } else if (kind < 0.2) {
      yield { step: { kind: 'read' }, pauseMs };
    } else {
      const command = commandOf(random, `${caller}-${n}`, Math.floor(n / COMMANDS_PER_EPOCH), recent.at(-1));
      n += 1;
      recent.push(command);
      if (recent.length > 20) recent.shift();
      yield { step: { kind: 'command', command, twice: random.chance(0.15) }, pauseMs };
    }
  }
}
