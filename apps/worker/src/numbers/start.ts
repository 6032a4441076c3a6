import { startLogDuty } from '../duty/start-log-duty';
import type { WorkerParts } from '../parts';
import { NumbersDuty } from './numbers-duty';

/** Starts the giving of numbers to new members, as the duty of one worker. */
export function startNumbers(parts: WorkerParts): void {
  startLogDuty(parts, {
    duty: 'userNumbers',
    fault: { work: 'the giving of numbers', unit: 'user' },
    pending: { name: 'cohort_user_numbers_pending', help: 'New members who wait for their numbers.' },
    newTurn: (common) => new NumbersDuty(common),
  });
}
