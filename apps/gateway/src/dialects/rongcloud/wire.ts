import { isId, LIMITS, type RongCloudSettings, type SyncedGroup } from '@cohort/contracts';
import { codePoints } from '../../shared/lengths';
import { RongCloudError } from './errors';

/**
 * Largest body: a sync of 5,000 groups, or 3,000 users, whose ids and names have 64 characters of four bytes, all
 * percent-encoded, fits.
 */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** What succeeded and has nothing more to say. */
export const DONE = { code: 200 } as const;

/** Lengths of ids and names, in code points: seed 000's own with `strict`, else what the vendor's SDKs check. */
const lengths = ({ strict }: RongCloudSettings) =>
  strict ? { groupId: 30, name: 60, userId: 64 } : { groupId: 64, name: 64, userId: 64 };

/** What the Node SDK sends in place of a field that its caller left out. */
const MISSING = ['', 'undefined'];

/**
 * A call's form. Fields that are repeated are lists; `group[<id>]=<name>` is a map. It is read with URLSearchParams, not
 * as a query string of Express, which makes objects of long lists, and lists of maps with small numbers as keys.
 *
 * Every method names the field in its error: `<field> is required` (1002), too long (1005), malformed (1002), too many
 * (1502).
 */
export class Form {
  private readonly fields: URLSearchParams;
  private readonly lengths: { groupId: number; name: number; userId: number };

  constructor(body: Buffer, settings: RongCloudSettings) {
    this.fields = new URLSearchParams(body.toString('utf8'));
    this.lengths = lengths(settings);
  }

  groupId(): string {
    return id('groupId', required('groupId', this.text('groupId')), this.lengths.groupId);
  }

  userId(): string {
    return id('userId', required('userId', this.text('userId')), this.lengths.userId);
  }

  /** The users of a call, at least one, each once. */
  userIds(max: number): string[] {
    const ids = [...new Set(this.fields.getAll('userId').filter(isGiven))];
    required('userId', ids[0]);
    atMost('userId', ids.length, max);
    return ids.map((userId) => id('userId', userId, this.lengths.userId));
  }

  groupName(): string {
    return required('groupName', this.optionalGroupName());
  }

  optionalGroupName(): string | undefined {
    const given = this.text('groupName');
    return given === undefined ? undefined : name('groupName', given, this.lengths.name);
  }

  /** The groups of a sync: none is a list too. Of a group given twice the last name holds. */
  groups(): SyncedGroup[] {
    const groups = new Map<string, string>();
    for (const [field, text] of this.fields) {
      const groupId = /^group\[(.*)\]$/su.exec(field)?.[1];
      if (groupId === undefined) continue;
      id('groupId', required('groupId', groupId), this.lengths.groupId);
      groups.set(groupId, name(field, required(field, isGiven(text) ? text : undefined), this.lengths.name));
    }
    atMost('group', groups.size, LIMITS.syncGroups);
    return [...groups].map(([groupId, groupName]) => ({ groupId, name: groupName }));
  }

  private text(field: string): string | undefined {
    return this.fields.getAll(field).find(isGiven);
  }
}

const isGiven = (text: string): boolean => !MISSING.includes(text);

function required(field: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new RongCloudError(1002, `${field} is required`);
  return value;
}

function id(field: string, value: string, max: number): string {
  notLonger(field, value, max);
  if (!isId(value)) throw new RongCloudError(1002, `${field} must not contain control characters`);
  return value;
}

function name(field: string, value: string, max: number): string {
  notLonger(field, value, max);
  return value;
}

function notLonger(field: string, value: string, max: number): void {
  if (codePoints(value) > max) throw new RongCloudError(1005, `${field} is longer than ${max} characters`);
}

function atMost(field: string, count: number, max: number): void {
  if (count > max) throw new RongCloudError(1502, `${field} is given ${count} times, at most ${max} are allowed`);
}
