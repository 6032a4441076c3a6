import { ENDING_TYPES } from './expiries-duty';

test('the duty follows the types of events that begin something with an end, the ends of imports, and no others', () => {
  expect([...ENDING_TYPES].sort()).toEqual(['allBanned', 'applied', 'banned', 'importCompleted', 'invited']);
});
