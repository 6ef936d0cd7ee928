namespace Hybrid.Data

