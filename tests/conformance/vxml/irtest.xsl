<?xml version="1.0"?>
<!-- SPDX-License-Identifier: Apache-2.0 -->
<!--
  Turns the templates of the implementation report tests into VoiceXML. The verdict becomes the exit
  value, so that it never depends on understanding speech; words to say or keys to press become
  prompts that a scripted caller obeys.
-->
<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:conf="http://www.w3.org/2002/vxml-conformance"
    xmlns="http://www.w3.org/2001/vxml"
    exclude-result-prefixes="conf">

<xsl:param name="pass">pass</xsl:param>
<xsl:param name="fail">fail</xsl:param>

<xsl:output method="xml" cdata-section-elements="script"/>

<xsl:template match="@* | node()">
  <xsl:copy><xsl:apply-templates select="@* | node()"/></xsl:copy>
</xsl:template>

<xsl:template match="comment()"/>

<xsl:template match="conf:pass">
  <log>verdict <xsl:value-of select="$pass"/></log>
  <exit expr="'{$pass}'"/>
</xsl:template>

<xsl:template match="conf:fail">
  <log>verdict <xsl:value-of select="$fail"/><xsl:text> </xsl:text><xsl:value-of select="@reason"/>
    <xsl:if test="@expr != ''"><xsl:text> </xsl:text><value expr="{@expr}"/></xsl:if></log>
  <exit expr="'{$fail}'"/>
</xsl:template>

<xsl:template match="conf:comment"><log><xsl:apply-templates/></log></xsl:template>
<xsl:template match="conf:hangup"><prompt>Hang up now.</prompt></xsl:template>
<xsl:template match="conf:noinput"><prompt>Say nothing.</prompt></xsl:template>
<xsl:template match="conf:nomatch"><prompt>Say something unrecognizable.</prompt></xsl:template>
<xsl:template match="conf:recording"><prompt>Recite a sentence.</prompt></xsl:template>

<xsl:template match="conf:speech">
  <xsl:call-template name="tapered">
    <xsl:with-param name="text">Say '<xsl:call-template name="words">
      <xsl:with-param name="token" select="@value"/></xsl:call-template>'.</xsl:with-param>
  </xsl:call-template>
</xsl:template>

<xsl:template match="conf:dtmf">
  <xsl:call-template name="tapered">
    <xsl:with-param name="text">Press '<xsl:value-of select="@value"/>'.</xsl:with-param>
  </xsl:call-template>
</xsl:template>

<!-- In a form item the prompt tapers with the prompt counter, elsewhere there is one. -->
<xsl:template name="tapered">
  <xsl:param name="text"/>
  <xsl:choose>
    <xsl:when test="parent::*[local-name() = 'field' or local-name() = 'record'
                    or local-name() = 'initial' or local-name() = 'menu'
                    or local-name() = 'transfer']">
      <prompt count="1"><xsl:value-of select="$text"/></prompt>
      <prompt count="2"><xsl:value-of select="$text"/> Again.</prompt>
      <prompt count="3"><xsl:value-of select="$text"/> One more time.</prompt>
    </xsl:when>
    <xsl:otherwise><prompt><xsl:value-of select="$text"/></prompt></xsl:otherwise>
  </xsl:choose>
</xsl:template>

<xsl:template match="conf:grammar">
  <xsl:variable name="root" select="concat('City', generate-id())"/>
  <grammar type="application/srgs+xml" root="{$root}" version="1.0"
           tag-format="semantics/1.0">
    <rule id="{$root}" scope="public">
      <one-of><item>
        <xsl:call-template name="words">
          <xsl:with-param name="token" select="@utterance"/>
        </xsl:call-template>
        <xsl:if test="@interp"><tag>out='<xsl:value-of select="@interp"/>';</tag></xsl:if>
        <xsl:if test="conf:key"><tag><xsl:apply-templates select="conf:key"/></tag></xsl:if>
      </item></one-of>
    </rule>
  </grammar>
</xsl:template>

<!-- Ours: a grammar of keys, "1 2", with tags of SISR where @tag says so. -->
<xsl:template match="conf:keys">
  <grammar mode="dtmf" version="1.0" root="keys">
    <xsl:copy-of select="@scope"/>
    <xsl:if test="@tag"><xsl:attribute name="tag-format">semantics/1.0</xsl:attribute></xsl:if>
    <rule id="keys" scope="public">
      <xsl:value-of select="@value"/>
      <xsl:if test="@tag"><tag><xsl:value-of select="@tag"/></tag></xsl:if>
    </rule>
  </grammar>
</xsl:template>

<!-- Ours: passes when @cond holds, else fails and says what @show is. -->
<xsl:template match="conf:expect">
  <if cond="{@cond}">
    <exit expr="'{$pass}'"/>
    <else/>
    <xsl:if test="@show"><log><value expr="{@show}"/></log></xsl:if>
    <exit expr="'{$fail}'"/>
  </if>
</xsl:template>

<xsl:template match="conf:key">
  <xsl:param name="path">out</xsl:param>
  <xsl:variable name="here" select="concat($path, '.', @name)"/>
  <xsl:value-of select="$here"/>
  <xsl:choose>
    <xsl:when test="@value">='<xsl:value-of select="@value"/>'; </xsl:when>
    <xsl:otherwise>={}; <xsl:apply-templates select="conf:key">
      <xsl:with-param name="path" select="$here"/></xsl:apply-templates></xsl:otherwise>
  </xsl:choose>
</xsl:template>

<xsl:template match="conf:phrase">
  <xsl:call-template name="words">
    <xsl:with-param name="token" select="@utterance"/>
  </xsl:call-template>
</xsl:template>

<xsl:template name="words">
  <xsl:param name="token"/>
  <xsl:choose>
    <xsl:when test="$token = 'alpha'">chicago</xsl:when>
    <xsl:when test="$token = 'bravo'">san francisco</xsl:when>
    <xsl:when test="$token = 'charlie'">new york</xsl:when>
    <xsl:when test="$token = 'delta'">london</xsl:when>
    <xsl:when test="$token = 'echo'">tokyo</xsl:when>
    <xsl:when test="$token = 'foxtrot'">truth or consequences</xsl:when>
    <xsl:when test="$token = 'golf'">hackensack</xsl:when>
    <xsl:when test="$token = 'hotel'">standardsville</xsl:when>
    <xsl:otherwise><xsl:value-of select="$token"/></xsl:otherwise>
  </xsl:choose>
</xsl:template>

</xsl:stylesheet>
