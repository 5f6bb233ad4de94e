using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Agent.Sync.Tests.Architecture;

/// <summary>
/// Reads from the compiled assembly which type names which. Metadata and IL rather than reflection, because what a
/// method body touches is what breaks a layering first.
/// </summary>
internal sealed class TypeReferenceReader
{
    private readonly MetadataReader _metadata;
    private readonly PEReader _image;
    private readonly string _assembly;
    private readonly HashSet<TypeReference> _found = [];

    private TypeReferenceReader(PEReader image)
    {
        _image = image;
        _metadata = image.GetMetadataReader();
        _assembly = _metadata.GetString(_metadata.GetAssemblyDefinition().Name);
    }

    public static IReadOnlyCollection<TypeReference> Read(Assembly assembly)
    {
        using var image = new PEReader(File.OpenRead(assembly.Location));
        var reader = new TypeReferenceReader(image);
        foreach (TypeDefinitionHandle type in reader._metadata.TypeDefinitions)
        {
            reader.ReadType(type);
        }

        return reader._found;
    }

    private void ReadType(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        TypeCollector collector = new(_metadata);
        collector.Add(type.BaseType);
        collector.AddAttributes(type.GetCustomAttributes());
        collector.AddConstraints(type.GetGenericParameters());
        foreach (InterfaceImplementationHandle implementation in type.GetInterfaceImplementations())
        {
            collector.Add(_metadata.GetInterfaceImplementation(implementation).Interface);
        }

        foreach (FieldDefinitionHandle field in type.GetFields())
        {
            collector.Add(field);
            collector.AddAttributes(_metadata.GetFieldDefinition(field).GetCustomAttributes());
        }

        foreach (PropertyDefinitionHandle property in type.GetProperties())
        {
            collector.AddAttributes(_metadata.GetPropertyDefinition(property).GetCustomAttributes());
        }

        foreach (MethodDefinitionHandle method in type.GetMethods())
        {
            ReadMethod(method, collector);
        }

        Keep(handle, collector.Types);
    }

    private void ReadMethod(MethodDefinitionHandle handle, TypeCollector collector)
    {
        MethodDefinition method = _metadata.GetMethodDefinition(handle);
        collector.Add(handle);
        collector.AddAttributes(method.GetCustomAttributes());
        collector.AddConstraints(method.GetGenericParameters());
        if (method.RelativeVirtualAddress == 0)
        {
            return;
        }

        MethodBodyBlock body = _image.GetMethodBody(method.RelativeVirtualAddress);
        collector.AddLocals(body.LocalSignature);
        foreach (ExceptionRegion region in body.ExceptionRegions)
        {
            collector.Add(region.CatchType);
        }

        foreach (EntityHandle token in IlTokens.Read(body.GetILReader()))
        {
            collector.Add(token);
        }
    }

    private void Keep(TypeDefinitionHandle from, IEnumerable<EntityHandle> targets)
    {
        (string fromNamespace, string fromName) = NameOf(from);
        foreach (EntityHandle target in targets)
        {
            (string toNamespace, string toName) = NameOf(target);
            _found.Add(new TypeReference(fromNamespace, fromName, AssemblyOf(target), toNamespace, toName));
        }
    }

    // A nested type (a closure, a state machine) counts as the type it is written in.
    private (string Namespace, string Name) NameOf(EntityHandle handle)
    {
        if (handle.Kind == HandleKind.TypeDefinition)
        {
            TypeDefinition type = _metadata.GetTypeDefinition((TypeDefinitionHandle)handle);
            TypeDefinitionHandle outer = type.GetDeclaringType();
            return outer.IsNil ? (_metadata.GetString(type.Namespace), _metadata.GetString(type.Name)) : NameOf(outer);
        }

        System.Reflection.Metadata.TypeReference reference = _metadata.GetTypeReference((TypeReferenceHandle)handle);
        return reference.ResolutionScope.Kind == HandleKind.TypeReference
            ? NameOf(reference.ResolutionScope)
            : (_metadata.GetString(reference.Namespace), _metadata.GetString(reference.Name));
    }

    private string AssemblyOf(EntityHandle handle)
    {
        if (handle.Kind == HandleKind.TypeDefinition)
        {
            return _assembly;
        }

        EntityHandle scope = _metadata.GetTypeReference((TypeReferenceHandle)handle).ResolutionScope;
        return scope.Kind switch
        {
            HandleKind.TypeReference => AssemblyOf(scope),
            HandleKind.AssemblyReference => _metadata.GetString(_metadata.GetAssemblyReference((AssemblyReferenceHandle)scope).Name),
            _ => _assembly,
        };
    }
}
