import type { Actor, CommandData, GroupCommandName } from '@cohort/contracts';
import { APP, ERASED_GROUPS, HOT_GROUPS, SERVICE, USERS, type Paused, type PlannedCommand } from './plan';
import type { Random } from './random';

/** Plans of callers whose commands belong together. No other caller sends to their groups, except to hot groups. */

type Fields<N extends GroupCommandName> = Omit<CommandData<N>, 'app' | 'actor' | 'groupId' | 'commandId'>;

/** Makes commands of one caller, with ids that count. */
function numbered(caller: string) {
  let n = 0;
  return <N extends GroupCommandName>(name: N, groupId: string, fields: Fields<N>, actor: Actor = SERVICE) =>
    ({ name, data: { app: APP, groupId, commandId: `${caller}-${n++}`, actor, ...fields } }) as PlannedCommand;
}

/** A hot group is disabled for a short while, and enabled again. */
export function* pauseSteps(random: Random, caller: string): Generator<Paused<PlannedCommand>> {
  const command = numbered(caller);
  for (;;) {
    const groupId = random.pick(HOT_GROUPS);
    yield { step: command('disable', groupId, {}), pauseMs: random.between(50, 600) };
    yield { step: command('enable', groupId, {}), pauseMs: random.between(2_000, 6_000) };
  }
}

/** Groups are imported in chunks, some of which are sent again later; some imports are given up. */
export function* importSteps(random: Random, caller: string): Generator<Paused<PlannedCommand>> {
  const command = numbered(caller);
  for (let n = 0; ; n++) {
    const importId = `${caller}-${n}`;
    const next = <N extends GroupCommandName>(name: N, fields: Fields<N>) => ({
      step: command(name, importId, fields),
      pauseMs: random.between(0, 100),
    });
    yield next('importGroup', { importId, name: importId, owner: random.pick(USERS), capacity: 1_000 });
    const chunks = random.between(0, 4);
    for (let chunk = 0; chunk < chunks; chunk++) {
      const members = random.some(USERS, random.between(1, 20)).map((userId) => ({
        userId,
        role: random.chance(0.1) ? ('admin' as const) : ('member' as const),
      }));
      yield next('importMembers', { importId, chunk, members });
      if (random.chance(0.2)) yield next('importMembers', { importId, chunk: random.between(0, chunk + 2), members });
    }
    if (random.chance(0.15)) yield next('dismiss', {});
    else yield next('completeImport', { importId, chunks });
  }
}

export type EraseStep =
  | { readonly kind: 'command'; readonly command: PlannedCommand }
  /** `wait`: the erasure shall be carried out before the next step, if it doesn't take long. */
  | { readonly kind: 'erase'; readonly userId: string; readonly commandId: string; readonly wait: boolean };

/** A user joins groups, leaves texts there, may become an owner, and is erased; while a group is disabled, too. */
export function* eraseSteps(random: Random, caller: string): Generator<Paused<EraseStep>> {
  const command = numbered(caller);
  for (let n = 0; ; n++) {
    const userId = `${caller}.${n}`;
    const next = <N extends GroupCommandName>(name: N, groupId: string, fields: Fields<N>, actor?: Actor) => ({
      step: { kind: 'command' as const, command: command(name, groupId, fields, actor) },
      pauseMs: random.between(0, 100),
    });
    const groups = random.some<string>(ERASED_GROUPS, random.between(1, ERASED_GROUPS.length));
    for (const groupId of groups) yield next('addMembers', groupId, { userIds: [userId] });
    const [own] = groups as [string];
    yield next('setDisplayName', own, { userId, displayName: `Called ${userId}` }, { type: 'user', id: userId });
    if (random.chance(0.5)) yield next('transfer', own, { newOwner: userId });
    if (random.chance(0.5)) {
      for (const groupId of ERASED_GROUPS.filter((id) => !groups.includes(id))) {
        yield next('invite', groupId, { userIds: [userId] });
      }
    }
    const disables = random.chance(0.4);
    if (disables) yield next('disable', own, {});
    const erase: EraseStep = { kind: 'erase', userId, commandId: `${caller}.${n}`, wait: disables };
    yield { step: erase, pauseMs: random.between(0, 1_000) };
    if (disables) yield next('enable', own, {});
  }
}
