import type { Filter } from './filter';
import type { LogPosition } from './model';

/** A page of a filtered catch-up ends at so many matches. */
const PAGE_MATCHES = 32;

/**
 * When a filtered subscription tells how far it has looked. While it catches up, only at the end of a page and never
 * past it; once live, after every so many events, at the event looked at. The count goes on from one to the other.
 */
export class Checkpoints {
  private counted = 0;
  private considered = 0;
  private matched = 0;
  private lastMatch: LogPosition | undefined;
  private live = false;

  constructor(
    private readonly filter: Pick<Filter, 'window' | 'checkpointInterval'>,
    private pageStart: LogPosition,
  ) {}

  /** Takes note of an event looked at; returns the checkpoint that is due after it. */
  consider(position: number, isMatch: boolean): LogPosition | undefined {
    const here = { commit: position, prepare: position };
    if (this.live) return this.isDue(1) ? here : undefined;
    // A page without a match is told by its start, as commit alone: whoever resumes there looks at that event again.
    if (this.considered === 0 && this.counted > 0) this.pageStart = { commit: position, prepare: 0 };
    this.considered++;
    if (isMatch) {
      this.matched++;
      this.lastMatch = here;
    }
    const pageEnds = this.considered >= this.filter.window || this.matched >= PAGE_MATCHES;
    return pageEnds ? this.endPage() : undefined;
  }

  /** The log's end was reached: that ends the page, and the first time the catch-up. */
  caughtUp(): LogPosition | undefined {
    if (this.live) return undefined;
    const due = this.considered > 0 ? this.endPage() : undefined;
    this.live = true;
    return due;
  }

  private endPage(): LogPosition | undefined {
    const checkpoint = this.lastMatch ?? this.pageStart;
    const due = this.isDue(this.considered);
    this.considered = 0;
    this.matched = 0;
    this.lastMatch = undefined;
    return due ? checkpoint : undefined;
  }

  private isDue(events: number): boolean {
    const before = Math.floor(this.counted / this.filter.checkpointInterval);
    this.counted += events;
    return Math.floor(this.counted / this.filter.checkpointInterval) > before;
  }
}
