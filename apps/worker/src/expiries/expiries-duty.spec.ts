import { ENDING_TYPES } from './expiries-duty';

test('the duty follows the types of events that begin something with an end, and no others', () => {
  expect([...ENDING_TYPES].sort()).toEqual(['allBanned', 'applied', 'banned', 'invited']);
});
