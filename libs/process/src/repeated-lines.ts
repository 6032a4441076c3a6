const WINDOW_MS = 60_000;
/** Lines of one kind that are written within a minute. */
const PER_KIND = 30;
/** Lines of all kinds within a minute. Beyond it, only the first line of each kind is written. */
const TOGETHER = 1_000;
/** Kinds that are counted separately. Further kinds count as one. */
const MOST_KINDS = 1_000;
const REST = '';
/** A kind is recognised by the beginning of its text. */
const TEXT_LENGTH = 300;

interface Kind {
  written: number;
  held: number;
  /** Reports the held lines. */
  report: (held: number) => void;
}

export interface RepeatedLinesOptions {
  /** Lines of one kind that are written within a minute. Default 30. */
  readonly perKind?: number;
  readonly now?: () => number;
}

/**
 * Limits log lines that repeat. Within a minute, the first lines of each kind are written and the others are held. At the
 * end of the minute, one line reports how many were held. So a failure that meets every request can't fill a disk with its
 * lines, and the first lines, which explain it, are always written.
 */
export class RepeatedLines {
  private readonly kinds = new Map<string, Kind>();
  private readonly perKind: number;
  private readonly now: () => number;
  private endsAt = -Infinity;
  private together = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor({ perKind = PER_KIND, now = () => performance.now() }: RepeatedLinesOptions = {}) {
    this.perKind = perKind;
    this.now = now;
  }

  /**
   * Whether a line of this kind may be written now; otherwise it is counted as held.
   *
   * @param report Called at the end of the minute with the number of held lines, if there are any.
   */
  passes(kind: string, report: (held: number) => void): boolean {
    if (this.now() >= this.endsAt) this.beginMinute();
    const known = this.kinds.get(this.kinds.size >= MOST_KINDS && !this.kinds.has(kind) ? REST : kind);
    if (known === undefined) {
      this.kinds.set(this.kinds.size >= MOST_KINDS ? REST : kind, { written: 1, held: 0, report });
      this.together += 1;
      return true;
    }
    if (known.written < this.perKind && this.together < TOGETHER) {
      known.written += 1;
      this.together += 1;
      return true;
    }
    known.held += 1;
    known.report = report;
    this.timer ??= setTimeout(() => this.flush(), Math.max(0, this.endsAt - this.now())).unref();
    return false;
  }

  /** Reports the held lines now, and begins a new minute: at its end, and before the process ends. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.endsAt = -Infinity;
    const held = [...this.kinds.values()].filter((kind) => kind.held > 0);
    this.kinds.clear();
    for (const kind of held) kind.report(kind.held);
  }

  private beginMinute(): void {
    this.flush();
    this.endsAt = this.now() + WINDOW_MS;
    this.together = 0;
  }
}

/**
 * Returns what lines have in common that differ only in numbers, ids, paths and quoted texts. Such lines are one kind.
 */
export const kindOf = (text: string): string =>
  text
    .slice(0, TEXT_LENGTH)
    .replace(/"[^"]*"/g, '#')
    .replace(/[^\s,;()[\]{}=]*[\d/@][^\s,;()[\]{}=]*/g, '#');
