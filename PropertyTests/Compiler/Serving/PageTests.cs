using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.Playwright;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Serving;

/// <summary>The page of a service in a real browser, the system's Chromium.</summary>
public sealed class PageTests
{
    private static readonly string[] _browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private static async Task OnPage(RunningServer server, Func<IPage, Task> work)
    {
        if (_browsers.FirstOrDefault(File.Exists) is not { } browser)
        {
            Assert.Skip("no Chromium here: ./hybrid test installs it on Debian");
            return;
        }
        using var playwright = await Playwright.CreateAsync();
        await using var chromium = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            // A root user's Chromium has no sandbox; what it opens is the page of this test.
            ExecutablePath = browser, Headless = true, Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        });
        var page = await chromium.NewPageAsync();
        var problems = "";
        page.Console += (_, message) => problems += message.Type == "error" ? message.Text + "\n" : "";
        page.PageError += (_, error) => problems += error + "\n";
        page.SetDefaultTimeout(20_000);
        await page.GotoAsync(server.Address);
        await work(page);
        if (Environment.GetEnvironmentVariable("HYBRID_PAGE_SHOT") is { Length: > 0 } shot)
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = shot, FullPage = true });
        Assert.Equal("", string.Join('\n', problems.Split('\n').Where(line => !line.Contains("401", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task SentEvent_AppearsWithPictureAndNumbers_AndABadOneDoesNot()
    {
        await using var server = await RunningServer.Start(new ToyScorer());
        await OnPage(server, async page =>
        {
            await page.GetByText("live", new PageGetByTextOptions { Exact = true }).First.WaitForAsync();
            Assert.Equal("Events of toy", await page.TitleAsync());
            Assert.Equal(0, await page.Locator("#events li").CountAsync());

            // What an event is called is text, whatever it looks like.
            const string name = "<img src=x onerror=alert(1)>.png";
            Assert.Equal(200, (await server.Post(ToyScorer.PngOf(51), "?name=" + Uri.EscapeDataString(name))).Status);
            Assert.Equal(400, (await server.Post([1, 2, 3], "?name=bad.png")).Status);
            Assert.Equal(200, (await server.Post(ToyScorer.PngOf(102), "?name=second.png")).Status);
            await page.Locator("#events li >> nth=1").WaitForAsync();
            Assert.Equal(["second.png", name], await page.Locator("#events li b").AllTextContentsAsync());
            Assert.Equal("mean 0.400", await Text("#events li >> nth=0 >> [data-quantity=mean]"));
            Assert.Equal("light 816.00 ADU", await Text("#events li >> nth=1 >> [data-quantity=light]"));
            Assert.Equal(0, await page.Locator("#events img").CountAsync());
            Assert.Equal(4, await page.Locator("#events canvas").First.EvaluateAsync<int>("one => one.width"));
            await page.Locator("#scored:text-is('2')").WaitForAsync();
            Assert.Equal("1", await page.Locator("#refused").TextContentAsync());
            Assert.Equal(50, await page.Locator("#histogram rect").CountAsync());
            Assert.Equal(1, await page.Locator("#histogram polyline").CountAsync());
            Assert.Contains("bright, a test", await page.Locator("#legend").TextContentAsync(), StringComparison.Ordinal);

            async Task<string> Text(string place) => (await page.Locator(place).TextContentAsync())!.Trim();
        });
    }

    [Fact]
    public async Task PageOfAServiceWithAToken_AsksForIt()
    {
        const string token = "a token of some length";
        await using var server = await RunningServer.Start(new ToyScorer(), token);
        await OnPage(server, async page =>
        {
            await page.Locator("#ask").WaitForAsync();
            Assert.StartsWith("not connected", await page.Locator("#state").TextContentAsync(), StringComparison.Ordinal);
            await page.FillAsync("#token", token);
            await page.ClickAsync("#ask button");
            await page.GetByText("live", new PageGetByTextOptions { Exact = true }).First.WaitForAsync();
            Assert.False(await page.Locator("#ask").IsVisibleAsync());
        });
    }
}
