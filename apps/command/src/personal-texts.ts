import {
  commandHash,
  COMMANDS,
  personalFields,
  sealText,
  type CommandName,
  type PersonalField,
  type TextKey,
} from '@cohort/contracts';
import { OutcomeUnknown, type UserKeys } from '@cohort/event-store';
import type { CommandRequest } from './command-request';
import { errorOfStore, storeAway } from './refusals';

/** The fields of each command that hold personal text. */
const FIELDS = new Map<CommandName, readonly PersonalField[]>(
  (Object.keys(COMMANDS) as CommandName[]).map((name) => [name, personalFields(COMMANDS[name].dto)]),
);

type Data = Readonly<Record<string, unknown>>;

/** Seals the personal texts of commands, before anything decides on them (docs/decisions/0006-personal-text.md). */
export class PersonalTexts {
  constructor(private readonly keys: Pick<UserKeys, 'forSealing'>) {}

  /** The users whose texts a command has, each once. */
  usersOf({ type, data }: CommandRequest): readonly string[] {
    const fields = FIELDS.get(type)!;
    if (fields.length === 0) return fields as readonly never[];
    const values = data as unknown as Data;
    return [...new Set(fields.filter(({ name }) => hasText(values[name])).map(({ of }) => userOf(values, of)))];
  }

  /**
   * The command with its texts sealed. A command without one is returned as it is, and nothing is read. The hash, too, is that of
   * the sealed texts: it is stored, and a hash of a short text would give the text away.
   */
  async seal(request: CommandRequest): Promise<CommandRequest> {
    const data = request.data as unknown as Data;
    const fields = FIELDS.get(request.type)!.filter(({ name }) => hasText(data[name]));
    if (fields.length === 0) return request;
    const keys = new Map<string, TextKey>();
    try {
      for (const user of new Set(fields.map(({ of }) => userOf(data, of)))) {
        keys.set(user, await this.keys.forSealing(request.app.id, user));
      }
    } catch (error) {
      // Nothing of the command was written.
      throw error instanceof OutcomeUnknown ? storeAway() : errorOfStore(error, request.commandId);
    }
    const sealed: Data = Object.fromEntries(
      fields.map(({ name, of }) => [name, sealAll(data[name], keys.get(userOf(data, of))!, [placeOf(data), name])]),
    );
    const { commandId: _id, expectedRevision: _revision, ...payload }: Data = { ...data, ...sealed };
    const hash = commandHash(request.type, payload);
    return { ...request, data: { ...request.data, ...sealed }, commandHash: hash } as CommandRequest;
  }
}

const hasText = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : typeof value === 'string' && value !== '';

/** The user whose text a field holds. A service that acts for nobody has the tenant's own key, of an empty user. */
function userOf(data: Data, of: string): string {
  if (of !== 'actor') return String(data[of]);
  const { id, onBehalfOf } = data.actor as { readonly id?: string; readonly onBehalfOf?: string };
  return id ?? onBehalfOf ?? '';
}

const placeOf = ({ groupId }: Data): string => (typeof groupId === 'string' ? groupId : '');

/** A text, or the texts of a list's entries, each under its key. `path`: the place of the text. */
function sealAll(value: unknown, key: TextKey, path: readonly string[]): unknown {
  if (typeof value === 'string') return sealText(value, key, path.join('\n'));
  return (value as readonly Entry[]).map((entry) => ({
    ...entry,
    text: sealAll(entry.text, key, [...path, entry.key]),
  }));
}

interface Entry {
  readonly key: string;
  readonly text: string;
}
