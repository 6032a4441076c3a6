import { Command as CqrsCommand } from '@nestjs/cqrs';
import {
  CohortError,
  commandHash,
  COMMANDS,
  isCommandName,
  parseDto,
  parseSubject,
  withSubjectApp,
  type AppSettings,
  type CommandAnswer,
  type CommandData,
  type CommandName,
} from '@cohort/contracts';
import type { DecideContext } from '@cohort/group';
import type { ClassConstructor } from 'class-transformer';
import { v7 } from 'uuid';

/** A checked command, with everything that its handler needs. */
export type CommandRequest<N extends CommandName = CommandName> = {
  readonly [K in N]: Circumstances & { readonly type: K; readonly data: CommandData<K> };
}[N];

/** The circumstances of a command: what it has beside its type and data. */
export interface Circumstances {
  readonly app: AppSettings;
  /** The caller's id. Without one, the message gets an id of its own and is a new command. */
  readonly commandId: string;
  /** Tells a repeat from another command under the same id. */
  readonly commandHash: string;
  readonly expectedRevision?: number;
  /** Milliseconds since 1970 after which the command is not begun. */
  readonly deadline: number;
  readonly traceparent?: string;
  /** What was learned of the users that it names, in a tenant whose settings need that. */
  readonly learned?: Learned;
}

/** What decisions need to know of users, and no group's state has. It is learned before the command waits for its group. */
export type Learned = Pick<DecideContext, 'unknownUsers' | 'counts'>;

/** A command for the CommandBus. */
export class CommandMessage extends CqrsCommand<CommandAnswer<CommandName>> {
  constructor(readonly request: CommandRequest) {
    super();
  }
}

/** The parts of a message that a command is made of. */
export interface IncomingCommand {
  readonly subject: string;
  readonly body: unknown;
  /** The header `Cohort-Timeout`. */
  readonly timeout: string | undefined;
  readonly traceparent: string | undefined;
}

/** Milliseconds a command may take, from its receipt. */
export const TIMEOUT_MS = { default: 10_000, max: 60_000 } as const;

/**
 * Checks a message and makes a command of it. Throws `VALIDATION_FAILED`, `FORBIDDEN` (body and subject name different
 * apps), `APP_NOT_FOUND` or `UNKNOWN_OPERATION`.
 */
export function parseCommand(
  { subject, body, timeout, traceparent }: IncomingCommand,
  apps: { get(id: string): AppSettings },
  now: number,
): CommandRequest {
  const parsed = parseSubject(subject);
  if (parsed === undefined || !isCommandName(parsed.name)) {
    throw new CohortError('UNKNOWN_OPERATION', 'There is no such command.');
  }
  const { name } = parsed;
  const dto: ClassConstructor<CommandData<CommandName>> = COMMANDS[name].dto;
  const data = parseDto(dto, withSubjectApp(parsed, body));
  const { commandId = v7(), expectedRevision, ...payload } = data;
  const circumstances: Circumstances = {
    app: apps.get(data.app),
    commandId,
    commandHash: commandHash(name, payload),
    deadline: now + parseTimeout(timeout),
    ...(expectedRevision === undefined ? {} : { expectedRevision: Number(expectedRevision) }),
    ...(traceparent !== undefined && TRACEPARENT.test(traceparent) ? { traceparent } : {}),
  };
  // They belong together: the name chose the class.
  return { ...circumstances, type: name, data } as CommandRequest;
}

function parseTimeout(timeout: string | undefined): number {
  if (timeout === undefined) return TIMEOUT_MS.default;
  const milliseconds = /^[0-9]{1,5}$/.test(timeout) ? Number(timeout) : 0;
  if (milliseconds >= 1 && milliseconds <= TIMEOUT_MS.max) return milliseconds;
  const message = `The header Cohort-Timeout must be a whole number of milliseconds from 1 to ${TIMEOUT_MS.max}`;
  throw new CohortError('VALIDATION_FAILED', message, { fields: [{ field: 'Cohort-Timeout', message }] });
}

/** W3C trace context. A malformed one is ignored, as that document demands. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
