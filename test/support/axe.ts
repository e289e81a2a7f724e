import axe from "axe-core";
import type { BrowserContext, Page } from "playwright-core";

/** For `violations` of every page of the context: sent once, and compiled once for each tab. */
export async function bringAxe(context: BrowserContext): Promise<void> {
  await context.addInitScript(axe.source);
}

/** What axe finds against WCAG 2.2 AA and its good practices, in words. */
export async function violations(page: Page): Promise<string[]> {
  const found = await page.evaluate<Finding[]>(`
    axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      resultTypes: ["violations"],
    })
      .then(({ violations }) => violations.map(({ id, help, nodes }) => ({
        id, help, nodes: nodes.map(({ html, failureSummary }) => html + " " + failureSummary) })))`);
  return found.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).join(" | ").slice(0, 1200)}`,
  );
}

interface Finding {
  id: string;
  help: string;
  nodes: string[];
}

/** How wide the page wants to be, in CSS pixels. */
export const widthOf = (page: Page): Promise<number> =>
  page.evaluate<number>("document.scrollingElement.scrollWidth");
