using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>Where things stand: a system has one address, and nothing else knows of it.</summary>
public sealed class HouseTests
{
    private static readonly string[] _systems = ["Imnn", "Blase", "EinsteinRadius", "LensFinding", "Cygno"];

    /// <summary>Folders that hold systems and nothing else.</summary>
    private static readonly string[] _rooms = ["Data/Systems", "Models/Systems", "PropertyTests/Systems"];

    /// <summary>Paths from the root, of source files.</summary>
    private static IEnumerable<string> Sources
        => Repository.Files.Where(path => path.EndsWith(".cs", StringComparison.Ordinal) || path.EndsWith(".fs", StringComparison.Ordinal));

    /// <summary>The system that a path belongs to; null for what all share.</summary>
    private static string? SystemOf(string path)
        => _systems.FirstOrDefault(system =>
            _rooms.Append("samples").Append("bench").Any(room => path.StartsWith($"{room}/{system}/", StringComparison.Ordinal)));

    [Fact]
    public void RoomsOfSystems_HaveTheNamesOfSystems()
    {
        foreach (var room in _rooms)
        {
            Assert.Empty(Directory.GetFiles(Repository.Path(room)));
            Assert.Empty(Directory.GetDirectories(Repository.Path(room)).Select(Path.GetFileName).Except(_systems));
        }
    }

    [Fact]
    public void ASystemsCode_StandsAtItsAddress()
    {
        var declares = new Regex(@"^(?:namespace|module) [\w.]*\.Systems\.(\w+)", RegexOptions.Multiline);
        var misplaced = Sources
            .Select(path =>
                (Path: path, Declared: declares.Match(File.ReadAllText(Repository.Path(path))).Groups[1].Value))
            .Where(file => (file.Declared.Length > 0 || _rooms.Any(room => file.Path.StartsWith(room + "/", StringComparison.Ordinal)))
                && file.Declared != SystemOf(file.Path));
        Assert.Empty(misplaced.Select(file =>
            $"{file.Path} declares what is of {(file.Declared.Length > 0 ? file.Declared : "no system")}"));
    }

    /// <summary>
    /// Formats, lensing, networks and the training core serve any system; a system may use another one's room only through them.
    /// </summary>
    [Fact]
    public void Libraries_DoNotKnowTheirSystems()
    {
        var uses = new Regex(@"\bHybrid\.(?:Data|Models)\.Systems\.(\w+)");
        var wrong =
            from path in Sources
            where path.StartsWith("Dsl/", StringComparison.Ordinal)
                || path.StartsWith("Generators/", StringComparison.Ordinal)
                || path.StartsWith("Data/", StringComparison.Ordinal)
                || path.StartsWith("Models/", StringComparison.Ordinal)
            from system in uses.Matches(File.ReadAllText(Repository.Path(path))).Select(match => match.Groups[1].Value).Distinct()
            where system != SystemOf(path)
            select $"{path} uses {system}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void APageOfASystem_OpensWithATableOfItsRooms()
    {
        foreach (var page in Directory.GetFiles(Repository.Path("docs", "systems"), "*.md"))
        {
            var system = _systems.SingleOrDefault(name =>
                string.Equals(
                    name, Path.GetFileNameWithoutExtension(page).Replace("-", ""), StringComparison.OrdinalIgnoreCase));
            Assert.True(system is not null, $"{page}: its name is none of {string.Join(", ", _systems)}");
            var lines = File.ReadAllLines(page);
            Assert.Equal("| folder | contents |", lines[2]);
            var rooms = lines.Skip(4).TakeWhile(line => line.StartsWith('|'))
                .Select(line => Regex.Match(line, @"^\| \[([^\]]+)\]\(\.\./\.\./([^)]+)\) \|").Groups).ToList();
            Assert.All(rooms, room => Assert.True(
                room[1].Value == room[2].Value && Directory.Exists(Repository.Path(room[1].Value)),
                $"{page}: '{room[0].Value}' is not a room"));
            var missing = _rooms.Append("samples").Append("bench")
                .Select(room => $"{room}/{system}")
                .Where(room => Directory.Exists(Repository.Path(room)))
                .Except(rooms.Select(room => room[1].Value));
            Assert.Empty(missing.Select(room => $"{page} does not name {room}"));
        }
    }

    [Fact]
    public void NoFolder_IsForWhateverIsLeftOver()
        => Assert.DoesNotContain(Sources, path =>
            Regex.IsMatch(path, @"(^|/)(Utils?|Utilities|Helpers?|Common|Misc)(/|\.)", RegexOptions.IgnoreCase));
}
