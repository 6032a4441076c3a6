import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../../faults/random';
import { Refused, type Asked, type Rules, type Success } from './asked';
import { anyCall } from './chance';
import { newDay, type Day } from './model';
import { people } from './people';
import { reads } from './reads';
import { things } from './things';

/** An operation as the vendor's document lists it. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly query: readonly string[];
  /** A field is written `name:type`. */
  readonly body: readonly string[];
}
export const OPERATIONS = JSON.parse(
  readFileSync(join(__dirname, '../vendor-operations.json'), 'utf8'),
) as readonly Operation[];
export const nameOf = ({ method, path }: Operation): string => `${method} ${path}`;
const fieldsOf = ({ query, body }: Operation): string[] => [...query, ...body.map((field) => field.split(':')[0]!)];

const RULES: Rules = { ...people, ...things, ...reads };

/** Ids of one to four digits, which lists of users have in the order of their texts. */
export const USERS = Array.from({ length: 30 }, (_, i) => 3 + i * i * 7);

/** Groups that live, but for the day's beginning. */
const FEWEST_GROUPS = 4;
/** Steps in which any operation comes. Then those come that have not been answered with success. */
export const STEPS = 500;

/** They make what other operations need: groups, applications, invitations, announcements, files. */
const ENABLING = ['create', 'apply', 'invite', 'announcement/edit', 'file/upload'].map((name) => `/group/${name}`);

/** Operations in which most rules meet: they come more often. */
const LIVELY = /^\/group\/(apply|invite|qrcode|leave|kick|ban|block|unblock|transfer|admin)/;

/** What the model says of a call: it succeeds, or is refused with a code. */
export type Prediction = Success | { readonly code: number };
export const isRefused = (says: Prediction): says is { readonly code: number } => 'code' in says;

export interface Step {
  readonly operation: Operation;
  readonly asked: Asked;
  readonly says: Prediction;
}

/** The course of a day: chance chooses the calls, and the model says what they answer. */
export class Course {
  readonly day: Day = newDay(USERS);
  /** Operations that were answered with success. */
  readonly done = new Set<string>();
  steps = 0;

  constructor(private readonly random: Random) {}

  get isOver(): boolean {
    return this.steps >= STEPS && this.done.size === OPERATIONS.length;
  }

  /** The next call. Most calls should succeed, so several are looked at. */
  next(): Step {
    this.steps += 1;
    const { random } = this;
    const candidates = this.candidates();
    const [first] = candidates;
    if (this.steps <= STEPS && random.chance(0.25)) return this.call(first!);
    for (const operation of candidates) {
      for (let calls = 0; calls < 30; calls++) {
        const step = this.call(operation);
        if (!isRefused(step.says)) return step;
      }
    }
    return this.call(first!);
  }

  /** The call was answered with success. */
  succeeded({ operation, says }: Step, data: unknown, span: readonly [number, number]): void {
    this.done.add(nameOf(operation));
    if (!isRefused(says)) says.then?.(data, span);
  }

  /** A day begins with some groups, and few of them end. */
  private candidates(): Operation[] {
    const { day, done, random } = this;
    const live = day.groups.filter(({ isLive }) => isLive).length;
    const possible = OPERATIONS.filter(({ path }) =>
      live < FEWEST_GROUPS ? path === '/group/create' : path !== '/group/destroy' || live > FEWEST_GROUPS,
    );
    const lively = possible.filter(({ path }) => LIVELY.test(path));
    const often = [...possible, ...lively, ...lively];
    const undone = possible.filter((one) => !done.has(nameOf(one)));
    const enabling = possible.filter(({ path }) => ENABLING.includes(path));
    const wished = this.steps > STEPS || random.chance(0.6) ? random.some(undone, 10) : [];
    return [
      ...(random.chance(this.steps > STEPS ? 0.5 : 0.2) ? [random.pick(enabling)] : []),
      ...wished,
      ...random.some(often, 10),
    ];
  }

  private call(operation: Operation): Step {
    const asked = anyCall(operation.path, fieldsOf(operation), this.random, this.day);
    return { operation, asked, says: this.predicted(asked) };
  }

  private predicted(asked: Asked): Prediction {
    try {
      return RULES[asked.path]!(this.day, asked);
    } catch (error) {
      if (error instanceof Refused) return { code: error.code };
      throw error;
    }
  }
}
