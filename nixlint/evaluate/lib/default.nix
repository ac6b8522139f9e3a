# The model of nixpkgs' `lib`: a set of functions, extensible like the original.
#
# Every group stands in its own file and is read only when one of its names is needed: that is
# why the names at the top are listed here one by one.
let
  groups = self: {
    trivial = import ./trivial.nix self;
    fixedPoints = import ./fixed-points.nix self;
    attrsets = import ./attrsets.nix self;
    lists = import ./lists.nix self;
    strings = import ./strings.nix self;
    stringsWithDeps = import ./strings-with-deps.nix self;
    customisation = import ./customisation.nix self;
    derivations = import ./derivations.nix self;
    meta = import ./meta.nix self;
    versions = import ./versions.nix self;
    modules = import ./modules.nix self;
    options = import ./options.nix self;
    types = import ./types.nix self;
    licenses = import ./licenses.nix self;
    sourceTypes = import ./source-types.nix self;
    systems = import ./systems.nix self;
    cli = import ./cli.nix self;
    gvariant = import ./gvariant.nix self;
    generators = import ./generators.nix self;
    asserts = import ./asserts.nix self;
    debug = import ./debug.nix self;
    misc = import ./misc.nix self;
    fetchers = import ./fetchers.nix self;
    path = import ./path.nix self;
    filesystem = import ./filesystem.nix self;
    fileset = import ./fileset.nix self;
    sources = import ./sources.nix self;
    kernel = import ./kernel.nix self;
    flakes = import ./flakes.nix self;
    platforms = self.systems.doubles;
  };

  names =
    self:
    groups self
    // {
      inherit (self.trivial)
        add and bitAnd bitNot bitOr bitXor boolToString boolToYesNo ceil checkListOfEnum
        compare concat const deepSeq defaultTo div flip floor fromHexString functionArgs
        genericClosure id importJSON importTOML inNixShell inPureEvalMode info isBool
        isFloat isFunction isInt lessThan mapNullable max mergeAttrs min
        mirrorFunctionArgs mod mul "or" pathExists pipe readFile seq setFunctionArgs
        showWarnings splitByAndCompare sub throwIf throwIfNot toBaseDigits toFunction
        toHexString warn warnIf warnIfNot xor
        ;
      inherit (self.fixedPoints)
        composeExtensions composeManyExtensions converge extends fix fix' makeExtensible
        makeExtensibleWithCustomName toExtension
        ;
      inherit (self.attrsets)
        attrByPath attrNames attrVals attrValues attrsToList cartesianProduct catAttrs
        chooseDevOutputs collect concatMapAttrs dontRecurseIntoAttrs filterAttrs
        filterAttrsRecursive foldAttrs foldlAttrs genAttrs genAttrs' getAttr
        getAttrFromPath getAttrs getBin getDev getFirstOutput getInclude getLib getMan
        getOutput getStatic hasAttr hasAttrByPath intersectAttrs isAttrs isDerivation
        listToAttrs mapAttrs mapAttrs' mapAttrsRecursive mapAttrsRecursiveCond
        mapAttrsToList mapAttrsToListRecursive mapAttrsToListRecursiveCond
        mapCartesianProduct matchAttrs mergeAttrsList nameValuePair optionalAttrs
        overrideExisting recurseIntoAttrs recursiveUpdate recursiveUpdateUntil
        removeAttrs setAttrByPath showAttrPath toDerivation updateManyAttrsByPath
        zipAttrs zipAttrsWith zipAttrsWithNames
        ;
      inherit (self.lists)
        all allUnique any compareLists concatAttrValues concatLists concatMap count
        crossLists drop dropEnd elem elemAt filter findFirst findSingle flatten fold
        foldl foldl' foldr forEach genList groupBy groupBy' head ifilter0 imap0 imap1
        init intersectLists isList last length listDfs map mutuallyExclusive naturalSort
        optional optionals partition range remove replaceElemAt replicate reverseList
        singleton sort sortOn sublist subtractLists tail take takeEnd toList toposort
        unique uniqueStrings zipLists zipListsWith
        ;
      inherit (self.strings)
        addContextFrom appendContext cmakeBool cmakeFeature cmakeOptionType
        compareVersions concatImapStrings concatImapStringsSep concatLines
        concatMapAttrsStringSep concatMapStrings concatMapStringsSep concatStrings
        concatStringsSep enableFeature enableFeatureAs escape escapeRegex escapeShellArg
        escapeShellArgs escapeURL escapeXML fileContents fixedWidthNumber
        fixedWidthString fromJSON getName getVersion hasInfix hasPrefix hasSuffix
        intersperse isPath isStorePath isString isStringLike isValidPosixName join
        lowerChars makeBinPath makeIncludePath makeLibraryPath makeSearchPath
        makeSearchPathOutput match mesonBool mesonEnable mesonOption nameFromURL
        optionalString parseDrvName removePrefix removeSuffix replaceString
        replaceStrings split splitString splitStringBy stringAsChars stringLength
        stringToCharacters substring toCamelCase toInt toIntBase10 toJSON toLower
        toSentenceCase toShellVar toShellVars toUpper trim trimWith typeOf
        unsafeDiscardStringContext upperChars versionAtLeast versionOlder withFeature
        withFeatureAs
        ;
      inherit (self.stringsWithDeps)
        fullDepEntry noDepEntry packEntry stringAfter textClosureList textClosureMap
        ;
      inherit (self.customisation)
        callPackageWith callPackagesWith extendDerivation extendMkDerivation hydraJob
        makeOverridable makeScope makeScopeWithSplicing makeScopeWithSplicing'
        mapCrossIndex overrideDerivation renameCrossIndexFrom renameCrossIndexTo
        ;
      inherit (self.derivations)
        addDrvOutputDependencies lazyDerivation optionalDrvAttr
        unsafeDiscardOutputDependency warnOnInstantiate
        ;
      inherit (self.generators)
        mkLuaInline
        ;
      inherit (self.meta)
        addMetaAttrs appendToName dontDistribute getExe getExe' getLicenseFromSpdxId
        getLicenseFromSpdxIdOr hiPrio hiPrioSet licensesSpdx lowPrio lowPrioSet
        mapDerivationAttrset setName setPrio updateName
        ;
      inherit (self.filesystem)
        baseNameOf dirOf hashFile packagesFromDirectoryRecursive pathIsDirectory
        pathIsRegularFile pathType readDir readFileType
        ;
      inherit (self.sources)
        canCleanSource cleanSource cleanSourceFilter cleanSourceWith commitIdFromGitRepo
        filterSource pathHasContext pathIsGitRepo revOrTag sourceByRegex
        sourceFilesBySuffices
        ;
      inherit (self.modules)
        applyModuleArgsIfFunction dischargeProperties doRename evalModules
         filterOverrides fixMergeModules fixupOptionType mergeDefinitions
           mkAfter mkAliasAndWrapDefinitions
        mkAliasDefinitions mkAliasOptionModule mkAliasOptionModuleMD mkAssert mkBefore
        mkChangedOptionModule mkDefault mkDefinition mkDerivedConfig mkFixStrictness
        mkForce mkIf mkImageMediaOverride mkMerge mkMergedOptionModule mkOptionDefault
        mkOrder mkOverride mkRemovedOptionModule mkRenamedOptionModule
        mkRenamedOptionModuleWith mkVMOverride pushDownProperties
        setDefaultModuleLocation sortProperties unifyModuleSyntax
        ;
      inherit (self.options)
        getFiles getValues isOption literalExpression literalMD mergeDefaultOption
        mergeEqualOption mergeOneOption mergeUniqueOption mkEnableOption mkOption
        mkPackageOption mkSinkUndeclaredOptions optionAttrSetToDocList
        optionAttrSetToDocList' scrubOptionValue showFiles showOption
        showOptionWithDefLocs unknownModule
        ;
      inherit (self.types)
        defaultFunctor defaultTypeMerge isOptionType isType mkOptionType setType
        ;
      inherit (self.asserts)
        assertMsg assertOneOf
        ;
      inherit (self.debug)
        addErrorContext runTests testAllTrue trace traceFnSeqN traceIf traceSeq
        traceSeqN traceVal traceValFn traceValSeq traceValSeqFn traceValSeqN
        traceValSeqNFn unsafeGetAttrPos
        ;
      inherit (self.misc)
          closePropagation condConcat defaultMerge defaultMergeArg
        fakeHash fakeSha256 fakeSha512 ifEnable imap
         maybeAttr
        maybeAttrNullable maybeEnv
        
        nixType nvs setAttr setAttrMerge uniqList
        uniqListExt
        ;
      inherit (self.versions)
        splitVersion
        ;
      inherit (self.flakes)
        flakeRefToString parseFlakeRef
        ;
      inherit (builtins)
        fromTOML getContext hasContext hashString placeholder toFile toString toXML tryEval
        ;
      convertHash = builtins.convertHash;
    };

  fixedPoints = import ./fixed-points.nix { };
in
fixedPoints.makeExtensible names
