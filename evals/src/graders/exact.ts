import { fail, pass, type Finding } from './finding.ts';

/** The answer, character by character but for blanks at its ends and Unicode composition. */
export function gradeExact(expected: string, answer: string): Finding {
  return answer.trim().normalize('NFC') === expected.trim().normalize('NFC') ? pass : fail('is not the text that was asked for');
}
