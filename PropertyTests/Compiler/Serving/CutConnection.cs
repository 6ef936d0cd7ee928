using System;
using System.Collections.Concurrent;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace Hybrid.PropertyTests.Compiler.Serving;

/// <summary>
/// A port before a server: hands everything on, and cuts connections after so many bytes towards it, as a bad network does.
/// </summary>
internal sealed class CutConnection : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<TcpClient> _clients = [];
    private readonly int _port;
    private long _left;
    private int _cuts;

    /// <param name="port">The server's.</param>
    /// <param name="bytes">After so many bytes towards it the connection is cut.</param>
    /// <param name="times">So often; later connections live.</param>
    public CutConnection(int port, long bytes, int times)
    {
        (_port, _left, _cuts) = (port, bytes, times);
        Bytes = bytes;
        _listener.Start();
        _ = Listen();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How often it has cut.</summary>
    public int Cuts { get; private set; }

    private long Bytes { get; }

    private async Task Listen()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                var server = new TcpClient();
                _clients.Add(client);
                _clients.Add(server);
                await server.ConnectAsync(IPAddress.Loopback, _port, _stop.Token);
                _ = Hand(client, server, counts: true);
                _ = Hand(server, client, counts: false);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It ends with the test.
        }
    }

    private async Task Hand(TcpClient from, TcpClient to, bool counts)
    {
        var buffer = new byte[8192];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, _stop.Token) is > 0 and var read)
            {
                if (counts && Volatile.Read(ref _cuts) > 0 && (_left -= read) < 0)
                {
                    _cuts--;
                    Cuts++;
                    _left = Bytes;
                    from.Client.LingerState = to.Client.LingerState = new LingerOption(true, 0); // a reset, not an orderly end
                    from.Close();
                    to.Close();
                    return;
                }
                await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            }
            to.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception failure)
            when (failure is IOException or SocketException or ObjectDisposedException or OperationCanceledException
                or InvalidOperationException)
        {
            // One side has ended.
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        foreach (var client in _clients) client.Dispose();
        _stop.Dispose();
    }
}
