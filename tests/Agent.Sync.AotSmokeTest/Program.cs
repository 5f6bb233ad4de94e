// Only the runtime's host hands over a list of assemblies. The feature switches are no test: PublishAot sets them in
// every build of the project, native or not.
return AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") is null ? 0 : 1;
