// What a user does in Visual Studio Code (as code-server, in a headless Chromium), and what comes
// of it, as JSON on standard output. Arguments: the address, the folder, where to put a picture (a
// second one, `…-fixed.png`, shows the end).
import { createRequire } from "node:module";

const [address, folder, picture] = process.argv.slice(2);
const require = createRequire(`${process.env.NIXLINT_CODE_SERVER}/`);
const { chromium } = require("playwright-core");

const seen = {};
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
page.setDefaultTimeout(30_000);

async function problems() {
  await page.locator(".markers-panel .monaco-list-row").first().waitFor();
  return page.locator(".markers-panel .monaco-list-row").allInnerTexts();
}

try {
  await page.goto(`${address}/?folder=${encodeURIComponent(folder)}`);
  await page.getByRole("treeitem", { name: "host.nix" }).dblclick();
  await page.locator(".squiggly-warning, .squiggly-unnecessary, .squiggly-inline-unnecessary").first().waitFor();
  await page.keyboard.press("Control+Shift+KeyM");
  seen.problems = await problems();

  // Hover over `message`, an option of the project.
  await page.locator(".view-lines").first().click();
  await page.keyboard.press("Control+KeyG");
  await page.keyboard.type("7:22");
  await page.keyboard.press("Enter");
  await page.keyboard.press("F1");
  await page.keyboard.type("Show or Focus Hover");
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "Show or Focus Hover" }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".monaco-hover", { hasText: "services.greeter.message" }).first().waitFor();
  seen.hover = await page.locator(".monaco-hover", { hasText: "services.greeter.message" }).first().innerText();
  await page.screenshot({ path: picture });

  // Apply the preferred fix.
  await page.keyboard.press("Escape");
  await page.locator(".view-lines").first().click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("F8");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Period");
  await page.locator(".action-widget .action").first().waitFor();
  seen.actions = await page.locator(".action-widget .action").allInnerTexts();
  await page.keyboard.press("Enter");
  await page.waitForFunction(
    () => document.querySelectorAll(".squiggly-warning, .squiggly-inline-unnecessary").length === 0,
  );
  seen.text = (await page.locator(".view-lines").first().innerText()).replaceAll("\u00a0", " ");
  await page.locator(".markers-panel .monaco-list-row").first().waitFor({ state: "detached" });
  await page.screenshot({ path: picture.replace(/\.png$/, "-fixed.png") });
} catch (error) {
  seen.error = String(error);
  await page.screenshot({ path: picture });
}
await browser.close();
console.log(JSON.stringify(seen));
process.exit("error" in seen ? 1 : 0);
