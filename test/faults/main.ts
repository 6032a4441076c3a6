import { parseArgs } from 'node:util';
import { runFaults, type FaultsReport } from './run';
import { tallyLines } from './tally';

/** `npm run test:faults -- --minutes 60 --seed 7`: ends with 1, and says the seed, when something did not hold. */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '2' },
      seed: { type: 'string', default: String(Date.now()) },
    },
  });
  const minutes = Number(values.minutes);
  if (!(minutes >= 0)) throw new Error(`--minutes must be a number, not "${values.minutes}".`);
  const report = await runFaults({ seed: values.seed, minutes, log: (line) => console.log(line), keepData: true });
  print(report);
  process.exit(report.violations.length === 0 ? 0 : 1);
};

function print({ seed, seconds, kills, counts, ...report }: FaultsReport): void {
  const list = (numbers: Readonly<Record<string, number>>, unit = '') =>
    Object.entries(numbers)
      .map(([name, number]) => `${name} ${number}${unit}`)
      .join(', ');
  console.log(`
seed             ${seed}, ${seconds} s
kills            ${list(kills)}
calls            ${list(counts)}
acknowledged     ${report.acknowledged}, ${report.events} events
ends             ${list(report.ends)}
lost             ${report.lost}
doubled          ${report.doubled}
longest outages  ${list(report.longestOutages, ' ms')}
longest calls    ${list(report.longestCalls, ' ms')}
${awayLines(report.away)}

${tallyLines(report.tally).join('\n')}

violations       ${report.violations.length}`);
  for (const violation of report.violations) console.log(`- ${violation}`);
  if (report.violations.length > 0) console.log(`\nAgain: npm run test:faults -- --seed ${seed}`);
}

const awayLines = (away: FaultsReport['away']): string =>
  Object.entries(away)
    .map(([part, { calls, noticedAfterMs, backAfterMs }]) => {
      const met = Object.entries(calls).map(([what, { answer, longestMs }]) => `${what} ${answer} ${longestMs} ms`);
      return `${`${part} down`.padEnd(17)}${met.join(', ')}; noticed after ${noticedAfterMs} ms, all answered ${backAfterMs} ms after it was back`;
    })
    .join('\n');

void main();
