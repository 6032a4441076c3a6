import type { Actor, CommandName, ErrorBody, EventMetadata, Notice, Position } from '@cohort/contracts';
import type { Circumstances } from '../command-request';
import type { CommandMemory, RememberedCommand } from './command-memory';

/** A command for one stream, its id settled. */
export type StreamCommand = Circumstances & {
  readonly type: CommandName;
  readonly data: { readonly actor: Actor; readonly notice?: Notice };
};

/** A stream as far as its events are known. */
export interface Recorded<S = unknown> {
  readonly state: S;
  /** Revision of the newest event; -1 for a stream without events. */
  readonly revision: number;
  readonly position: Position;
  /** Time of the newest event, in milliseconds since 1970. */
  readonly lastAt: number;
  /** Shared by the states of a stream: it holds facts only. */
  readonly memory: CommandMemory;
}

/** The types that belong to a kind of stream. */
export interface StreamTypes {
  key: object;
  command: StreamCommand;
  recorded: Recorded;
  event: { readonly type: string; readonly data: object };
  /** What decisions need and neither command nor state holds. */
  facts: unknown;
  /** What an accepted command's answer has beside revision and position. */
  result: unknown;
  answer: unknown;
}

export type StateOf<T extends StreamTypes> = T['recorded']['state'];

/** What becomes of a command. No events: nothing has to change. */
export type Outcome<T extends StreamTypes> =
  | { readonly ok: true; readonly events: readonly T['event'][]; readonly result: T['result'] }
  | { readonly ok: false; readonly error: ErrorBody };

/** A command in a mailbox. */
export interface Queued<C extends StreamCommand = StreamCommand> {
  readonly command: C;
  /** Stamped when it is first decided, and kept when it has to be decided again. */
  at?: number;
}

/** Metadata that only some events have. */
export type Noted = Pick<EventMetadata, 'refused' | 'made' | 'imported'> & Readonly<Record<string, unknown>>;

/** How the commands of one kind of stream are decided. Pure. */
export interface StreamRules<T extends StreamTypes> {
  /** The stream in an error's message, as the subject of a sentence. */
  readonly title: string;
  /** Most commands of one append. */
  readonly batchCommands: number;
  /** Users that the commands of one append name, all together, but for the first command: deciding takes one turn. */
  readonly batchUsers: number;
  /** Users that a command names in a list. */
  usersOf(command: T['command']): number;
  /** The newest schema version of each event type. */
  readonly events: Readonly<Record<T['event']['type'], { readonly version: number }>>;
  /** `at`: the time of the command's events, in milliseconds since 1970. */
  decide(command: T['command'], state: StateOf<T>, facts: T['facts'], at: number): Outcome<T>;
  evolve(state: StateOf<T>, event: T['event']): StateOf<T>;
  /** What the last event of a command has in its metadata beside what every event has. `before`: the state that it changes. */
  noted(recorded: T['recorded'], result: T['result'], at: number, before: StateOf<T>): Noted;
}

/** A kind of stream whose commands a mailbox carries out: its rules, its reads and its answers. */
export interface StreamKind<T extends StreamTypes> extends StreamRules<T> {
  /** Which share of commands in flight it counts to. */
  readonly on: 'group' | 'user';
  stream(key: T['key']): string;
  unwritten(): T['recorded'];
  /** Streams in memory. */
  readonly cache: {
    get(stream: string): T['recorded'] | undefined;
    set(stream: string, recorded: T['recorded']): unknown;
    delete(stream: string): unknown;
  };
  /** Whether this may be a stream's first command. Then the stream isn't read: the append fails if it has events. */
  mayBegin(command: T['command']): boolean;
  /** Reads the stream's events after those that are known. Throws `StoreUnavailable`. */
  catchUp(key: T['key'], recorded: T['recorded']): Promise<T['recorded']>;
  /** What the decisions on these commands need. */
  factsFor(key: T['key'], recorded: T['recorded'], waiting: readonly Queued<T['command']>[]): Promise<T['facts']>;
  /** The stream after an append, written at this position. */
  appended(recorded: T['recorded'], batch: AppendedBatch<T>, position: Position): T['recorded'];
  /** Called after the replies to a batch that wrote events. */
  onAppended(key: T['key'], recorded: T['recorded']): void;
  answer(command: T['command'], revision: number, position: Position, result: T['result']): T['answer'];
  /** The first answer of a command that is remembered. */
  answerAgain(command: T['command'], first: RememberedCommand): T['answer'];
}

/** The parts of a batch that a stream consists of once they are written. */
export interface AppendedBatch<T extends StreamTypes> {
  readonly events: readonly { readonly id: string; readonly type: string }[];
  /** Bytes of the events, at most. */
  readonly bytes: number;
  readonly state: StateOf<T>;
  readonly lastAt: number;
}
