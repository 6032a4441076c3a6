import { runsOf, WordList } from './words';

test.each<[string, string[][]]>([
  ['Sales Team', [['sales'], ['team']]],
  ['sales-team_2026', [['sales'], ['team'], ['2026']]],
  ['Zürich ÉCOLE', [['zurich'], ['ecole']]],
  ['Straße', [['straße']]],
  ['Продажи Йод', [['продажи'], ['иод']]],
  ['ΟΔΟΣ οδός', [['οδοσ'], ['οδοσ']]],
  ['销售团队', [['销', '售', '团', '队']]],
  ['iPhone用户', [['iphone', '用', '户']]],
  ['ﾁｰﾑ営業', [['チ', 'ー', 'ム', '営', '業']]],
  ['영업팀', [['영업팀']]],
  ['हिन्दी', [['हिन्दी']]],
  ['الفريق', [['الفريق']]],
  ['Ｓａｌｅｓ①', [['sales1']]],
  ['Fun 🎉!', [['fun'], ['🎉']]],
  ['"-*() \u200f', []],
  ['', []],
])('the runs of %j are %j', (text, expected) => expect(runsOf(text)).toEqual(expected));

describe('a list of words', () => {
  const list = new WordList(['ass', 'free money', '赌博', 'Zürich', '!!', '']);

  test.each([
    ['Ass', true],
    ['An ASS, here', true],
    ['Class', false],
    ['assist', false],
    ['Free   MONEY', true],
    ['free-money!', true],
    ['free the money', false],
    ['free', false],
    ['网上赌博群', true],
    ['赌徒博士', false],
    ['zurich', true],
    ['!!', false],
    ['', false],
  ])('is in %j: %s', (text, expected) => expect(list.isIn(text)).toBe(expected));
});
