import type { InFlight } from '../in-flight';
import { Mailbox, type MailboxParts } from './mailbox';
import type { StreamKind, StreamTypes } from './stream-kind';

/** The mailboxes of one kind of stream: one for each stream that has a command in flight. */
export class Mailboxes<T extends StreamTypes> {
  readonly #mailboxes = new Map<string, Mailbox<T>>();

  constructor(
    private readonly kind: StreamKind<T>,
    private readonly parts: MailboxParts,
    private readonly inFlight: InFlight,
  ) {}

  /** Streams that have a command in flight. */
  get size(): number {
    return this.#mailboxes.size;
  }

  /** Carries out a command behind those of its stream that came before. Throws `OVERLOADED` immediately. */
  async post(key: T['key'], command: T['command']): Promise<T['answer']> {
    const stream = this.kind.stream(key);
    let mailbox = this.#mailboxes.get(stream);
    const leave = this.inFlight.enter(command.app.id, this.kind.on, mailbox?.size ?? 0);
    try {
      if (!mailbox) {
        mailbox = new Mailbox(this.kind, key, this.parts, () => this.#mailboxes.delete(stream));
        this.#mailboxes.set(stream, mailbox);
      }
      return await mailbox.post(command);
    } finally {
      leave();
    }
  }
}
