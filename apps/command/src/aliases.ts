import { randomBytes, randomUUID } from 'node:crypto';
import { ALIAS_BLOCK_SIZE, ALIAS_BLOCKS, firstAliasOf, numericStream } from '@cohort/contracts';
import { StreamDeleted, WrongExpectedRevision, type EventStore } from '@cohort/event-store';

/**
 * Hands out numbers for groups and users whose own id isn't one, each once. They come from blocks that this process reserves for
 * itself (docs/decisions/0002-ids-and-numbers.md): one append per tenant and 65,536 numbers. Unused numbers are lost.
 */
export class AliasAllocator {
  readonly #blocks = new Map<string, { next: bigint; readonly end: bigint }>();
  readonly #reserving = new Map<string, Promise<void>>();

  constructor(
    private readonly store: Pick<EventStore, 'append'>,
    /** Any block index; for tests. */
    private readonly randomBlock: () => bigint = () => randomBytes(8).readBigUInt64BE() % ALIAS_BLOCKS,
  ) {}

  /** The next number of this tenant, as a decimal from 2^52 to 2^53-1. */
  async take(app: string): Promise<string> {
    for (;;) {
      const block = this.#blocks.get(app);
      if (block && block.next < block.end) return String(block.next++);
      let reserving = this.#reserving.get(app);
      if (!reserving) {
        reserving = this.#reserve(app).finally(() => this.#reserving.delete(app));
        this.#reserving.set(app, reserving);
      }
      await reserving;
    }
  }

  async #reserve(app: string): Promise<void> {
    for (;;) {
      const index = this.randomBlock();
      const reserved = {
        id: randomUUID(),
        type: 'numbersReserved',
        data: { first: String(firstAliasOf(index)), count: Number(ALIAS_BLOCK_SIZE) },
        metadata: { app, at: new Date().toISOString(), schemaVersion: 1 },
      };
      try {
        await this.store.append(numericStream(app, index), [reserved], 'none');
      } catch (error) {
        if (error instanceof WrongExpectedRevision || error instanceof StreamDeleted) continue;
        throw error;
      }
      this.#blocks.set(app, { next: firstAliasOf(index), end: firstAliasOf(index) + ALIAS_BLOCK_SIZE });
      return;
    }
  }
}
