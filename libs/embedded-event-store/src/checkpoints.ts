import type { Filter } from './filter';
import type { LogPosition } from './model';

/** A page of a filtered catch-up ends after this many matches. */
const PAGE_MATCHES = 32;

/**
 * Decides when a filtered subscription sends a checkpoint. During catch-up, a checkpoint is due only at the end of a page,
 * and never lies past it. Live, it is due after every `checkpointInterval` events, at the examined event. The count
 * continues from catch-up to live.
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

  /** Counts an examined event. Returns the checkpoint that is due after it, if any. */
  consider(position: number, isMatch: boolean): LogPosition | undefined {
    const here = { commit: position, prepare: position };
    if (this.live) return this.isDue(1) ? here : undefined;
    // The checkpoint of a page without a match is the page's start, as a commit position without prepare. A subscription
    // that resumes there examines that event again.
    if (this.considered === 0 && this.counted > 0) this.pageStart = { commit: position, prepare: 0 };
    this.considered++;
    if (isMatch) {
      this.matched++;
      this.lastMatch = here;
    }
    const pageEnds = this.considered >= this.filter.window || this.matched >= PAGE_MATCHES;
    return pageEnds ? this.endPage() : undefined;
  }

  /** Called at the end of the log. It ends the page, and the first call ends the catch-up. */
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
