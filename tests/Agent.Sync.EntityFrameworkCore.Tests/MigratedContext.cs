using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Agent.Sync.EntityFrameworkCore.Tests;

/// <summary>A model with two migrations, as <c>dotnet ef migrations add</c> writes them. The second one adds a column and rebuilds the table.</summary>
internal sealed class MigratedContext(string path) : DbContext
{
    public DbSet<Ticket> Tickets => Set<Ticket>();

    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) => optionsBuilder.UseSqlite($"Data Source={path};Pooling=False");

    protected override void OnModelCreating(ModelBuilder modelBuilder) => Define(modelBuilder, hasPriority: true);

    private static void Define(ModelBuilder modelBuilder, bool hasPriority)
    {
        // A migration's model knows no conventions.
        var ticket = modelBuilder.Entity<Ticket>().ToTable("Tickets").IsSynced();
        ticket.Property<Guid>("Id").HasColumnType("TEXT");
        ticket.HasKey("Id");
        ticket.Property<string>("Title").HasColumnType("TEXT").IsRequired(hasPriority);
        ticket.Property<DateTimeOffset>("UpdatedAt").HasColumnType("TEXT");
        ticket.Property<long>("Version").HasColumnType("INTEGER");
        if (hasPriority)
        {
            ticket.Property<int>("Priority").HasColumnType("INTEGER");
        }
    }

    [DbContext(typeof(MigratedContext))]
    [Migration("20260101000000_First")]
    internal sealed class First : Migration
    {
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable(
            "Tickets",
            static table => new
            {
                Id = table.Column<Guid>("TEXT", nullable: false),
                Title = table.Column<string>("TEXT", nullable: true),
                UpdatedAt = table.Column<DateTimeOffset>("TEXT", nullable: false),
                Version = table.Column<long>("INTEGER", nullable: false),
            },
            constraints: static table => table.PrimaryKey("PK_Tickets", static row => row.Id));

        protected override void BuildTargetModel(ModelBuilder modelBuilder) => Define(modelBuilder, hasPriority: false);
    }

    [DbContext(typeof(MigratedContext))]
    [Migration("20260201000000_Second")]
    internal sealed class Second : Migration
    {
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>("Priority", "Tickets", "INTEGER", nullable: false, defaultValue: 0);
            migrationBuilder.AlterColumn<string>("Title", "Tickets", "TEXT", nullable: false, defaultValue: "", oldClrType: typeof(string), oldType: "TEXT", oldNullable: true);
        }

        protected override void BuildTargetModel(ModelBuilder modelBuilder) => Define(modelBuilder, hasPriority: true);
    }

    internal sealed class Ticket
    {
        public Guid Id { get; set; }

        public string Title { get; set; } = "";

        public int Priority { get; set; }

        public DateTimeOffset UpdatedAt { get; set; }

        public long Version { get; set; }
    }
}
