import type { VendorCode } from '../../../apps/gateway/src/dialects/lanying/errors';
import type { Values } from '../cases';
import type { Standing, World } from './world';

/**
 * What an operation answers in a new group (`world.ts`). Each call is made with every method of the operation. Answers and
 * effects are given who made the call.
 */
export interface OperationCase {
  /** The fields of a right call. */
  readonly fields: (world: World) => Values;
  /** Who makes it; default: the admin where members get 20012, since admins may; else the owner. */
  readonly by?: Standing;
  /** What must be done before. */
  readonly given?: (world: World) => Promise<unknown>;
  /** The whole body of its answer. */
  readonly answers: (world: World, by: number) => unknown;
  /** Who may not make it, and the code of the answer. Asked before the right call, so a refusal must change nothing. */
  readonly refuses?: Readonly<Partial<Record<Standing, VendorCode>>>;
  /** The whole body of the answer for a group that doesn't exist, and for one that was dismissed; default: `20001`. */
  readonly unknownGroup?: unknown;
  readonly dismissedGroup?: unknown;
  /** What must hold afterwards. */
  readonly then?: (world: World, by: number) => Promise<unknown>;
}

/** By path. */
export type OperationCases = Readonly<Record<string, OperationCase>>;
