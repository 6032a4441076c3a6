import type { CommandData, CommandName, QueryData, QueryName } from '@cohort/contracts';
import { v7 } from 'uuid';
import { rongcloud } from '../../support/rongcloud';
import { waitFor } from '../../support/wait-for';
import { codeOf, type Answer, type App, type Service } from './service';

/** An answer as it is kept: of an error only its code, as its text is for people and may change. */
export const kept = (answer: Answer): Answer => {
  const code = codeOf(answer);
  return code === undefined ? answer : { error: code };
};

interface Asked<N> {
  readonly name: N;
  readonly data: Answer;
  readonly answer: Answer;
}

/** What a build answered over a data directory that it left behind: `answers.json`. */
export interface Answers {
  readonly queries: readonly Asked<QueryName>[];
  /** Commands that wrote something, with their first answers; and refused ones that are refused still. */
  readonly commands: readonly Asked<CommandName>[];
  /** Calls of RongCloud's API. */
  readonly calls: readonly { readonly path: string; readonly fields: Fields; readonly body: unknown }[];
  /** The sync that no worker had taken up at the end, and the group that it makes. */
  readonly pendingSync: { readonly app: App; readonly userId: string; readonly sync: number; readonly groupId: string };
  /** The group that has a snapshot. */
  readonly snapshotOf: { readonly app: App; readonly groupId: string };
  /** Events in the feed. */
  readonly fed: number;
}

type Fields = Readonly<Record<string, string | readonly string[]>>;

const SERVICE = { type: 'service' } as const;

/** Sends commands and queries to a service, and keeps what is asked and answered. */
export class Recorder {
  readonly #commands: Asked<CommandName>[] = [];
  readonly #queries: Asked<QueryName>[] = [];
  readonly #calls: Answers['calls'][number][] = [];
  #position = '0';

  constructor(
    readonly service: Service,
    private readonly gateway: string,
  ) {}

  get queries(): Answers['queries'] {
    return this.#queries;
  }
  get calls(): Answers['calls'] {
    return this.#calls;
  }

  /** Sends a command, by a service unless `data` names an actor. */
  async send<N extends CommandName>(
    name: N,
    data: Partial<CommandData<N>> & { app: App },
    commandId: string = v7(),
  ): Promise<Answer> {
    const whole = { actor: SERVICE, ...data, commandId };
    const answer = await this.service.command(name, whole as unknown as CommandData<N>);
    this.#commands.push({ name, data: whole, answer: kept(answer) });
    const { position } = answer as { position?: string };
    if (position !== undefined && Number(position) > Number(this.#position)) this.#position = position;
    return answer;
  }

  /** Calls RongCloud's API. The command's id is unknown to the caller. */
  async call(path: string, fields: Fields): Promise<void> {
    const { body } = await rongcloud(this.gateway, path, fields);
    if ((body as { code?: unknown }).code !== 200) throw new Error(`${path}: ${JSON.stringify(body)}`);
  }

  /** Asks RongCloud's API, and keeps the answer. */
  async read(path: string, fields: Fields): Promise<void> {
    const { body } = await rongcloud(this.gateway, path, fields);
    this.#calls.push({ path, fields, body });
  }

  /** Resolves when queries see all that was sent. */
  visible(): Promise<void> {
    const data = { app: 'demo', after: this.#position };
    return waitFor(async () => codeOf(await this.service.query('status', data)) === undefined);
  }

  async ask<N extends QueryName>(name: N, data: QueryData<N>): Promise<Answer> {
    const answer = await this.service.query(name, data);
    this.#queries.push({ name, data: { ...data }, answer: kept(answer) });
    return answer;
  }

  /**
   * Reads a list to its end, from its beginning or from an earlier answer: by cursor, by `nextRevision` or, for changes, by
   * `since`.
   */
  async askAll<N extends 'members' | 'userGroups' | 'appGroups' | 'events'>(
    name: N,
    data: QueryData<N>,
    from?: Answer,
  ): Promise<void> {
    let next = from === undefined ? data : following(data, from);
    while (next !== undefined) next = following(data, await this.ask(name, next));
  }

  /**
   * The commands whose repetition returns the first answer: all that wrote events. For refused commands and those without
   * effect, the answer depends on the present group.
   */
  async repeatable(): Promise<Answers['commands']> {
    const found: Asked<CommandName>[] = [];
    for (const one of this.#commands) {
      const again = kept(await this.service.command(one.name, one.data as unknown as CommandData<CommandName>));
      if (JSON.stringify(again) === JSON.stringify(one.answer)) found.push(one);
    }
    return found;
  }
}

/** The request that continues after an answer; undefined at the end of the list. */
function following<Q extends object>(data: Q, answer: Answer): Q | undefined {
  if (answer.cursor !== undefined) {
    const begun = ['sinceRevision', 'sincePosition', 'basis'];
    const list = Object.fromEntries(Object.entries(data).filter(([key]) => !begun.includes(key)));
    return { ...list, cursor: answer.cursor } as unknown as Q;
  }
  if (answer.nextRevision !== undefined) return { ...data, fromRevision: answer.nextRevision };
  return answer.more === true ? since(data, answer) : undefined;
}

/** The request for what has changed since an answer. */
export function since<Q extends object>(data: Q, { revision, position, basis }: Answer): Q {
  return { ...data, basis, ...(revision === undefined ? { sincePosition: position } : { sinceRevision: revision }) };
}
